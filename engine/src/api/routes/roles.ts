import { type Context, Hono } from "hono";
import { EngineError, notFound, passwordNotStored } from "../../lib/engine-error.ts";
import type { RoleRecord } from "../../model/records.ts";
import { roleCreate } from "../requests/content-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, nameParam, readBody } from "../requests/read.ts";
import { newRoleResponse, operationResponse, roleResponse } from "../responses/records.ts";

export const roles = new Hono<ApiEnv>();

const path = "/projects/:project/branches/:branch/roles";

const ids = (c: Context<ApiEnv>) => [idParam(c, "project"), idParam(c, "branch")] as const;

async function findRole(c: Context<ApiEnv>): Promise<RoleRecord> {
  const name = nameParam(c, "role");
  const all = await c.get("controlPlane").listRoles(...ids(c));
  const role = all.find((candidate) => candidate.name === name);
  if (role === undefined) throw notFound("role");
  return role;
}

roles.get(path, async (c) => {
  const [projectId, branchId] = ids(c);
  const all = await c.get("controlPlane").listRoles(projectId, branchId);
  return c.json({ roles: all.map((role) => roleResponse(role, branchId)) });
});

roles.post(path, async (c) => {
  const [projectId, branchId] = ids(c);
  const { role: wanted } = await readBody(c, roleCreate);
  const { role, operations } = await c.get("controlPlane").createRole(projectId, branchId, {
    name: wanted.name,
    noLogin: wanted.no_login ?? false,
  });
  return c.json(
    { role: newRoleResponse(role, branchId), operations: operations.map(operationResponse) },
    201,
  );
});

roles.get(`${path}/:role`, async (c) => {
  const [, branchId] = ids(c);
  return c.json({ role: roleResponse(await findRole(c), branchId) });
});

roles.delete(`${path}/:role`, async (c) => {
  const [projectId, branchId] = ids(c);
  const name = nameParam(c, "role");
  const deleted = await c.get("controlPlane").deleteRole(projectId, branchId, name);
  if (deleted === undefined) return c.body(null, 204);
  const { role, operations } = deleted;
  return c.json({
    role: roleResponse(role, branchId),
    operations: operations.map(operationResponse),
  });
});

roles.get(`${path}/:role/reveal_password`, async (c) => {
  const role = await findRole(c);
  const project = c.get("controlPlane").getProject(idParam(c, "project"));
  if (project.storePasswords === false) throw passwordNotStored();
  if (role.password === undefined) {
    throw new EngineError(
      412,
      "PASSWORD_UNKNOWN",
      `the password of role ${role.name} is not known: it cannot log in or was made with SQL`,
    );
  }
  return c.json({ password: role.password });
});

roles.post(`${path}/:role/reset_password`, async (c) => {
  const [projectId, branchId] = ids(c);
  const name = nameParam(c, "role");
  const { role, operations } = await c
    .get("controlPlane")
    .resetRolePassword(projectId, branchId, name);
  return c.json({
    role: newRoleResponse(role, branchId),
    operations: operations.map(operationResponse),
  });
});
