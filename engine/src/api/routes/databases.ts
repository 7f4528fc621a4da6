import { type Context, Hono } from "hono";
import { notFound } from "../../lib/engine-error.ts";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { DatabaseRecord, OperationRecord } from "../../model/records.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, nameParam, readBody } from "../requests/read.ts";
import { databaseCreate, databaseUpdate } from "../requests/schemas.ts";
import { databaseResponse, operationResponse } from "../responses/records.ts";

export const databases = new Hono<ApiEnv>();

const path = "/projects/:project/branches/:branch/databases";

const ids = (c: Context<ApiEnv>) => [idParam(c, "project"), idParam(c, "branch")] as const;

const answer = (
  result: { database: DatabaseRecord; operations: OperationRecord[] },
  branchId: string,
) => ({
  database: databaseResponse(result.database, branchId),
  operations: result.operations.map(operationResponse),
});

databases.get(path, async (c) => {
  const [projectId, branchId] = ids(c);
  const all = await c.get("controlPlane").listDatabases(projectId, branchId);
  return c.json({ databases: all.map((database) => databaseResponse(database, branchId)) });
});

databases.post(path, async (c) => {
  const [projectId, branchId] = ids(c);
  const { database: wanted } = await readBody(c, databaseCreate);
  const created = await c.get("controlPlane").createDatabase(projectId, branchId, {
    name: wanted.name,
    ownerName: wanted.owner_name,
  });
  return c.json(answer(created, branchId), 201);
});

databases.get(`${path}/:database`, async (c) => {
  const [projectId, branchId] = ids(c);
  const name = nameParam(c, "database");
  const all = await c.get("controlPlane").listDatabases(projectId, branchId);
  const database = all.find((candidate) => candidate.name === name);
  if (database === undefined) throw notFound("database");
  return c.json({ database: databaseResponse(database, branchId) });
});

databases.patch(`${path}/:database`, async (c) => {
  const [projectId, branchId] = ids(c);
  const name = nameParam(c, "database");
  const { database: wanted } = await readBody(c, databaseUpdate);
  const changed = await c
    .get("controlPlane")
    .updateDatabase(
      projectId,
      branchId,
      name,
      withoutUndefined({ name: wanted.name, ownerName: wanted.owner_name }),
    );
  return c.json(answer(changed, branchId));
});

databases.delete(`${path}/:database`, async (c) => {
  const [projectId, branchId] = ids(c);
  const name = nameParam(c, "database");
  const deleted = await c.get("controlPlane").deleteDatabase(projectId, branchId, name);
  return deleted ? c.json(answer(deleted, branchId)) : c.body(null, 204);
});
