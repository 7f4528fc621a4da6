import { z } from "zod";
import { id, identifier, lsn, optional, roleName, timestamp } from "./fields.ts";

/** Requests about what a branch holds: roles, databases, schemas. */

export const roleCreate = z.object({
  role: z.object({ name: roleName, no_login: optional(z.boolean()) }),
});

export const databaseCreate = z.object({
  database: z.object({ name: identifier, owner_name: identifier }),
});

export const databaseUpdate = z.object({
  database: z.object({ name: optional(identifier), owner_name: optional(identifier) }),
});

/** No limit on the name: one that cannot exist is not found. */
const databaseOfSchema = z.string("is required").min(1, "must not be empty");

const instant = { lsn: lsn.optional(), timestamp: timestamp.optional() };

export const schemaQuery = z.object({
  ...instant,
  db_name: databaseOfSchema,
  format: z.enum(["sql", "json"], "must be sql or json").default("sql"),
});

export const advisorsQuery = z.object({
  branch_id: id.optional(),
  database_name: z.string().optional(),
  category: z.enum(["SECURITY", "PERFORMANCE"], "must be SECURITY or PERFORMANCE").optional(),
  min_severity: z.enum(["INFO", "WARN", "ERROR"], "must be INFO, WARN or ERROR").default("INFO"),
});

export const schemaComparisonQuery = z.object({
  ...instant,
  db_name: databaseOfSchema,
  base_branch_id: id.optional(),
  base_lsn: lsn.optional(),
  base_timestamp: timestamp.optional(),
});
