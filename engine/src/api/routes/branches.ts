import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { ControlPlane } from "../../control-plane/api.ts";
import type { BranchBundle, CreateBranchInput } from "../../control-plane/api-types.ts";
import { unprocessable } from "../../lib/engine-error.ts";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { BranchRecord, OperationRecord } from "../../model/records.ts";
import {
  branchCountQuery,
  branchCreate,
  branchDeletionQuery,
  branchesQuery,
  branchRestore,
  branchUpdate,
} from "../requests/branch-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { page } from "../requests/paging.ts";
import { idParam, readBody, readQuery } from "../requests/read.ts";
import { connectionUris } from "../responses/connection-uri.ts";
import {
  annotationResponse,
  branchResponse,
  databaseResponse,
  endpointResponse,
  operationResponse,
  roleResponse,
} from "../responses/records.ts";
import { endpointInput } from "./endpoints.ts";

export const branches = new Hono<ApiEnv>();

branches.get("/projects/:project/branches", (c) => {
  const query = readQuery(c, branchesQuery);
  const controlPlane = c.get("controlPlane");
  const found = controlPlane.listBranches(idParam(c, "project")).filter(matches(query.search));
  const sortKey = {
    name: (branch: BranchRecord) => branch.name,
    created_at: (branch: BranchRecord) => branch.createdAt,
    updated_at: (branch: BranchRecord) => branch.updatedAt,
  }[query.sort_by];
  const taken = page(found, {
    position: (branch) => ({ key: sortKey(branch), id: branch.id }),
    order: query.sort_order,
    limit: query.limit,
    cursor: query.cursor,
  });
  const annotated = taken.items.filter((branch) => branch.annotation !== undefined);
  return c.json({
    branches: taken.items.map((branch) => branchResponse(branch, controlPlane)),
    annotations: Object.fromEntries(
      annotated.map((branch) => [branch.id, annotationResponse(branch)]),
    ),
    pagination: {
      sort_by: query.sort_by,
      sort_order: query.sort_order.toUpperCase(),
      // Like the other lists', so that clients which stop at the last cursor alone go wrong here too.
      ...(taken.end !== undefined && { next: taken.end }),
    },
  });
});

function matches(search: string | undefined): (branch: BranchRecord) => boolean {
  const wanted = search?.toLowerCase() ?? "";
  return ({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted);
}

branches.get("/projects/:project/branches/count", (c) => {
  const query = readQuery(c, branchCountQuery);
  const all = c.get("controlPlane").listBranches(idParam(c, "project"));
  return c.json({ count: all.filter(matches(query.search)).length });
});

branches.post("/projects/:project/branches", async (c) => {
  const projectId = idParam(c, "project");
  const wanted = await readBody(c, branchCreate);
  const controlPlane = c.get("controlPlane");
  const made = await controlPlane.createBranch(projectId, createInput(wanted));
  return c.json(bundleResponse(made, controlPlane), 201);
});

export function createInput(wanted: z.output<typeof branchCreate>): CreateBranchInput {
  if (wanted.branch?.archived) {
    throw unprocessable(
      "ARCHIVE_UNSUPPORTED",
      "branches cannot be archived here; leave out branch.archived",
    );
  }
  return withoutUndefined({
    name: wanted.branch?.name,
    parentId: wanted.branch?.parent_id,
    parentLsn: wanted.branch?.parent_lsn,
    parentTimestamp: wanted.branch?.parent_timestamp,
    protected: wanted.branch?.protected,
    initSource: wanted.branch?.init_source,
    expiresAt: wanted.branch?.expires_at,
    annotation: wanted.annotation_value,
    endpoints: (wanted.endpoints ?? []).map(endpointInput),
  });
}

export function bundleResponse(
  { branch, endpoints, operations }: BranchBundle,
  controlPlane: ControlPlane,
) {
  // They hold passwords, which were told when the parent was made.
  const isTold = controlPlane.getProject(branch.projectId).storePasswords !== false;
  const uris = isTold ? connectionUris(endpoints, branch.roles, branch.databases) : [];
  return {
    branch: branchResponse(branch, controlPlane),
    endpoints: endpoints.map((endpoint) => endpointResponse(endpoint, controlPlane)),
    operations: operations.map(operationResponse),
    roles: branch.roles.map((role) => roleResponse(role, branch.id)),
    databases: branch.databases.map((database) => databaseResponse(database, branch.id)),
    ...(uris.length > 0 && { connection_uris: uris }),
  };
}

branches.get("/projects/:project/branches/:branch", (c) => {
  const controlPlane = c.get("controlPlane");
  const branch = controlPlane.getBranch(idParam(c, "project"), idParam(c, "branch"));
  return c.json({
    branch: branchResponse(branch, controlPlane),
    annotation: annotationResponse(branch),
  });
});

branches.patch("/projects/:project/branches/:branch", async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const { branch: wanted } = await readBody(c, branchUpdate);
  const changed = await c.get("controlPlane").updateBranch(
    projectId,
    branchId,
    withoutUndefined({
      name: wanted.name,
      protected: wanted.protected,
      expiresAt: wanted.expires_at,
    }),
  );
  return answer(c, changed);
});

branches.delete("/projects/:project/branches/:branch", async (c) => {
  readQuery(c, branchDeletionQuery);
  const deleted = await c
    .get("controlPlane")
    .deleteBranch(idParam(c, "project"), idParam(c, "branch"));
  return deleted ? answer(c, deleted) : c.body(null, 204);
});

branches.post("/projects/:project/branches/:branch/restore", async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const wanted = await readBody(c, branchRestore);
  const restored = await c.get("controlPlane").restoreBranch(
    projectId,
    branchId,
    withoutUndefined({
      sourceBranchId: wanted.source_branch_id,
      sourceLsn: wanted.source_lsn,
      sourceTimestamp: wanted.source_timestamp,
      preserveUnderName: wanted.preserve_under_name,
    }),
  );
  return answer(c, restored);
});

branches.post("/projects/:project/branches/:branch/set_as_default", async (c) => {
  const changed = await c
    .get("controlPlane")
    .setDefaultBranch(idParam(c, "project"), idParam(c, "branch"));
  return answer(c, changed);
});

function answer(
  c: Context<ApiEnv>,
  result: { branch: BranchRecord; operations: OperationRecord[] },
) {
  return c.json({
    branch: branchResponse(result.branch, c.get("controlPlane")),
    operations: result.operations.map(operationResponse),
  });
}

branches.get("/projects/:project/branches/:branch/endpoints", (c) => {
  const controlPlane = c.get("controlPlane");
  const branch = controlPlane.getBranch(idParam(c, "project"), idParam(c, "branch"));
  const endpoints = controlPlane
    .listEndpoints(branch.projectId)
    .filter((endpoint) => endpoint.branchId === branch.id);
  return c.json({
    endpoints: endpoints.map((endpoint) => endpointResponse(endpoint, controlPlane)),
  });
});
