import { conflict, notFound } from "../../lib/engine-error.ts";
import type { BranchRecord, DatabaseRecord } from "../../model/records.ts";
import * as sql from "../../postgres/io/roles.ts";
import type { DatabaseResult } from "../api-types.ts";
import { currentBranch, findDatabase, syncBranch, withSql } from "./branch-sql.ts";
import type { Takes } from "./services.ts";

/** Databases of a branch. SQL can make these too, so Postgres is asked while it runs. */

type DatabaseServices = Takes<"records" | "locks" | "operations" | "computes" | "contents">;

/** Those that every server has. */
const serversOwn = ["postgres", "template0", "template1"];

export async function createDatabase(
  services: DatabaseServices,
  projectId: string,
  branchId: string,
  input: { name: string; ownerName: string },
): Promise<DatabaseResult> {
  const branch = await currentBranch(services, projectId, branchId);
  if (serversOwn.includes(input.name) || findDatabase(branch, input.name)) {
    throw alreadyExists(input.name);
  }
  requireRole(branch, input.ownerName);
  return withSql(services, branch, "postgres", async (client) => {
    await sql.createDatabase(client, input.name, input.ownerName);
    const { databases } = await syncBranch(services, client, branch);
    return { database: databases.find(({ name }) => name === input.name) as DatabaseRecord };
  });
}

interface DatabasePatch {
  name?: string;
  ownerName?: string;
}

export async function updateDatabase(
  services: DatabaseServices,
  { projectId, branchId }: { projectId: string; branchId: string },
  name: string,
  patch: DatabasePatch,
): Promise<DatabaseResult> {
  const branch = await currentBranch(services, projectId, branchId);
  const database = findDatabase(branch, name);
  if (!database) throw notFound("database");
  const newName = patch.name ?? name;
  if (newName !== name && findDatabase(branch, newName)) throw alreadyExists(newName);
  if (patch.ownerName) requireRole(branch, patch.ownerName);
  return withSql(services, branch, "postgres", async (client) => {
    await sql.alterDatabase(client, name, patch);
    const updated: DatabaseRecord = {
      ...database,
      name: newName,
      ownerName: patch.ownerName ?? database.ownerName,
      updatedAt: new Date().toISOString(),
    };
    await services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      databases: b.databases.map((candidate) => (candidate.name === name ? updated : candidate)),
    }));
    return { database: updated };
  });
}

export async function deleteDatabase(
  services: DatabaseServices,
  projectId: string,
  branchId: string,
  name: string,
): Promise<DatabaseResult | undefined> {
  const branch = await currentBranch(services, projectId, branchId);
  const database = findDatabase(branch, name);
  if (!database) return undefined;
  return withSql(services, branch, "postgres", async (client) => {
    await sql.dropDatabase(client, name);
    await services.records.changeBranch(projectId, branchId, (b) => ({
      ...b,
      databases: b.databases.filter((candidate) => candidate.name !== name),
    }));
    return { database };
  });
}

function requireRole(branch: BranchRecord, name: string): void {
  if (!branch.roles.some((role) => role.name === name)) throw notFound("role");
}

const alreadyExists = (name: string) =>
  conflict("DATABASE_ALREADY_EXISTS", `database "${name}" already exists`);
