import { Hono } from "hono";
import { notFound } from "../../lib/engine-error.ts";
import type { ApiKeyRecord, PermissionRecord } from "../../model/records.ts";
import { apiKeyCreate, permissionGrant } from "../requests/account-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readBody } from "../requests/read.ts";
import { user } from "../responses/account.ts";

/** Who may come in: keys, permissions, and the lists of what only the cloud has. */
export const access = new Hono<ApiEnv>();

const keyResponse = ({ id, name, createdAt, lastUsedAt, lastUsedFrom }: ApiKeyRecord) => ({
  id,
  name,
  created_at: createdAt,
  last_used_at: lastUsedAt ?? null,
  last_used_from_addr: lastUsedFrom ?? "",
});

/** The home's own key is none of these: it cannot be revoked. */
access.get("/api_keys", (c) => {
  const { id, name, image } = user;
  const created_by = { id, name, image };
  const keys = c.get("controlPlane").apiKeys.list();
  return c.json(keys.map((key) => ({ ...keyResponse(key), created_by })));
});

access.post("/api_keys", async (c) => {
  const { key_name } = await readBody(c, apiKeyCreate);
  const { record, key } = await c.get("controlPlane").apiKeys.create(key_name);
  const { id, name, created_at } = keyResponse(record);
  return c.json({ id, key, name, created_at, created_by: user.id });
});

access.delete("/api_keys/:key", async (c) => {
  const id = c.req.param("key");
  const revoked = /^\d{1,15}$/.test(id)
    ? await c.get("controlPlane").apiKeys.revoke(Number(id))
    : undefined;
  if (revoked === undefined) throw notFound("API key");
  return c.json({ ...keyResponse(revoked), created_by: user.id, revoked: true });
});

const permissionResponse = ({ id, email, grantedAt }: PermissionRecord) => ({
  id,
  granted_to_email: email,
  granted_at: grantedAt,
});

access.get("/projects/:project/permissions", (c) => {
  const { permissions = [] } = c.get("controlPlane").getProject(idParam(c, "project"));
  return c.json({ project_permissions: permissions.map(permissionResponse) });
});

access.post("/projects/:project/permissions", async (c) => {
  const id = idParam(c, "project");
  const { email } = await readBody(c, permissionGrant);
  return c.json(permissionResponse(await c.get("controlPlane").grantPermission(id, email)));
});

access.delete("/projects/:project/permissions/:permission", async (c) => {
  const revoked = await c
    .get("controlPlane")
    .revokePermission(idParam(c, "project"), idParam(c, "permission"));
  return c.json({ ...permissionResponse(revoked), revoked_at: new Date().toISOString() });
});

/** Keys of others for JSON Web Tokens belong to the cloud's Data API. */
access.get("/projects/:project/jwks", (c) => {
  c.get("controlPlane").getProject(idParam(c, "project"));
  return c.json({ jwks: [] });
});

access.get("/projects/:project/vpc_endpoints", (c) => {
  c.get("controlPlane").getProject(idParam(c, "project"));
  return c.json({ endpoints: [] });
});
