import { Hono } from "hono";
import { EngineError, unprocessable } from "../../lib/engine-error.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readQuery } from "../requests/read.ts";
import { schemaComparisonQuery, schemaQuery } from "../requests/schemas.ts";

export const schema = new Hono<ApiEnv>();

schema.get("/projects/:project/branches/:branch/schema", async (c) => {
  const controlPlane = c.get("controlPlane");
  const query = readQuery(c, schemaQuery);
  const { projectId, id } = controlPlane.getBranch(idParam(c, "project"), idParam(c, "branch"));
  refusePast(query.lsn, query.timestamp);
  if (query.format === "json") {
    return c.json({
      json: { tables: await controlPlane.readTables(projectId, id, query.db_name) },
    });
  }
  return c.json({ sql: await controlPlane.readSchema(projectId, id, query.db_name) });
});

schema.get("/projects/:project/branches/:branch/compare_schema", async (c) => {
  const controlPlane = c.get("controlPlane");
  const query = readQuery(c, schemaComparisonQuery);
  const branch = controlPlane.getBranch(idParam(c, "project"), idParam(c, "branch"));
  const baseId = query.base_branch_id ?? branch.parentId;
  if (baseId === undefined) {
    throw unprocessable(
      "BASE_BRANCH_REQUIRED",
      "the branch has no parent: name the branch to compare with as base_branch_id",
    );
  }
  const base = controlPlane.getBranch(branch.projectId, baseId);
  refusePast(query.lsn, query.timestamp, query.base_lsn, query.base_timestamp);
  const [before, after] = await Promise.all(
    [base, branch].map(({ projectId, id }) =>
      controlPlane.readSchema(projectId, id, query.db_name),
    ),
  );
  const { compareSchemas } = await import("../responses/schema-diff.ts");
  const diff = compareSchemas(query.db_name, before as string, after as string);
  if (diff === undefined) {
    const sentence = "the two schemas are too large and too different to be compared line by line";
    throw new EngineError(503, "SCHEMAS_NOT_COMPARABLE", sentence);
  }
  return c.json({ diff });
});

/** A moment of the past must never be answered with the schema of the present. */
function refusePast(...moments: (string | undefined)[]): void {
  if (moments.every((moment) => moment === undefined)) return;
  throw unprocessable(
    "PAST_SCHEMA_UNSUPPORTED",
    "this engine reads schemas as they are now: make a branch from that moment, and read the branch's",
  );
}
