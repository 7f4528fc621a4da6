import { Hono } from "hono";
import type { ControlPlane } from "../../control-plane/api.ts";
import { notFound, passwordNotStored, unprocessable } from "../../lib/engine-error.ts";
import type { EndpointRecord } from "../../model/records.ts";
import { connectionUriQuery } from "../requests/endpoint-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readQuery } from "../requests/read.ts";
import { connectionUri } from "../responses/connection-uri.ts";

export const connection = new Hono<ApiEnv>();

connection.get("/projects/:project/connection_uri", async (c) => {
  const projectId = idParam(c, "project");
  const query = readQuery(c, connectionUriQuery);
  const controlPlane = c.get("controlPlane");
  const endpoint = chooseEndpoint(controlPlane, projectId, query.branch_id, query.endpoint_id);

  // Asked at the start of nearly every command: Postgres is asked only for what SQL may have made.
  const known = controlPlane.getBranch(projectId, endpoint.branchId);
  const isRole = ({ name }: { name: string }) => name === query.role_name;
  const role =
    known.roles.find(isRole) ??
    (await controlPlane.listRoles(projectId, endpoint.branchId)).find(isRole);
  if (role === undefined) throw notFound("role");
  const isDatabase = ({ name }: { name: string }) => name === query.database_name;
  const database =
    known.databases.find(isDatabase) ??
    (await controlPlane.listDatabases(projectId, endpoint.branchId)).find(isDatabase);
  if (database === undefined) throw notFound("database");

  if (controlPlane.getProject(projectId).storePasswords === false) throw passwordNotStored();
  if (role.password === undefined) {
    throw unprocessable(
      "PASSWORD_UNKNOWN",
      `the password of role ${role.name} is not known: it cannot log in or was made with SQL; reset its password first`,
    );
  }
  const login = { name: role.name, password: role.password };
  return c.json({ uri: connectionUri(endpoint, login, database.name) });
});

function chooseEndpoint(
  controlPlane: ControlPlane,
  projectId: string,
  branchId: string | undefined,
  endpointId: string | undefined,
): EndpointRecord {
  const branch =
    branchId === undefined
      ? controlPlane.listBranches(projectId).find((candidate) => candidate.default)
      : controlPlane.getBranch(projectId, branchId);
  if (endpointId !== undefined) {
    const endpoint = controlPlane.getEndpoint(projectId, endpointId);
    if (branchId !== undefined && endpoint.branchId !== branchId) throw notFound("endpoint");
    return endpoint;
  }
  const candidates = controlPlane
    .listEndpoints(projectId)
    .filter((endpoint) => endpoint.branchId === branch?.id);
  const chosen = candidates.find((endpoint) => endpoint.type === "read_write") ?? candidates.at(0);
  if (chosen === undefined) throw notFound("endpoint");
  return chosen;
}
