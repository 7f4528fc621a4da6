import { Hono } from "hono";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import { momentOf } from "../../model/point-in-time.ts";
import type { SnapshotRecord } from "../../model/records.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readBody, readQuery } from "../requests/read.ts";
import {
  backupSchedule,
  restoreFinalize,
  snapshotQuery,
  snapshotRestore,
  snapshotRestoreQuery,
  snapshotUpdate,
} from "../requests/snapshot-schemas.ts";
import { branchResponse, endpointResponse, operationResponse } from "../responses/records.ts";

export const snapshots = new Hono<ApiEnv>();

function presentSnapshot(snapshot: SnapshotRecord) {
  return withoutUndefined({
    id: snapshot.id,
    name: snapshot.name,
    lsn: snapshot.lsn,
    timestamp: snapshot.timestamp,
    source_branch_id: snapshot.sourceBranchId,
    created_at: snapshot.createdAt,
    expires_at: snapshot.expiresAt,
    manual: snapshot.scheduledFor === undefined,
    full_size: snapshot.image.logicalSize,
  });
}

snapshots.get("/projects/:project/snapshots", (c) => {
  const found = c.get("controlPlane").snapshots.list(idParam(c, "project"));
  return c.json({ snapshots: found.map(presentSnapshot) });
});

snapshots.post("/projects/:project/branches/:branch/snapshot", async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const query = readQuery(c, snapshotQuery);
  const { snapshot, operations } = await c.get("controlPlane").snapshots.create(
    projectId,
    branchId,
    withoutUndefined({
      name: query.name,
      expiresAt: query.expires_at,
      moment: momentOf(query.lsn, query.timestamp),
    }),
  );
  return c.json({
    snapshot: presentSnapshot(snapshot),
    operations: operations.map(operationResponse),
  });
});

snapshots.patch("/projects/:project/snapshots/:snapshot", async (c) => {
  const [projectId, snapshotId] = [idParam(c, "project"), idParam(c, "snapshot")];
  const { snapshot: wanted } = await readBody(c, snapshotUpdate);
  const snapshot = await c
    .get("controlPlane")
    .snapshots.update(
      projectId,
      snapshotId,
      withoutUndefined({ name: wanted.name, expiresAt: wanted.expires_at }),
    );
  return c.json({ snapshot: presentSnapshot(snapshot) });
});

snapshots.delete("/projects/:project/snapshots/:snapshot", async (c) => {
  const { operations } = await c
    .get("controlPlane")
    .snapshots.delete(idParam(c, "project"), idParam(c, "snapshot"));
  return c.json({ operations: operations.map(operationResponse) }, 202);
});

snapshots.post("/projects/:project/snapshots/:snapshot/restore", async (c) => {
  const [projectId, snapshotId] = [idParam(c, "project"), idParam(c, "snapshot")];
  const query = readQuery(c, snapshotRestoreQuery);
  const wanted = await readBody(c, snapshotRestore);
  const controlPlane = c.get("controlPlane");
  const { branch, endpoints, operations } = await controlPlane.snapshots.restore(
    projectId,
    snapshotId,
    withoutUndefined({
      name: wanted.name ?? query.name,
      targetBranchId: wanted.target_branch_id,
      finalize: wanted.finalize_restore ?? false,
    }),
  );
  return c.json({
    branch: branchResponse(branch, controlPlane),
    endpoints: endpoints.map((endpoint) => endpointResponse(endpoint, controlPlane)),
    operations: operations.map(operationResponse),
  });
});

snapshots.post("/projects/:project/branches/:branch/finalize_restore", async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const wanted = await readBody(c, restoreFinalize);
  const { operations } = await c
    .get("controlPlane")
    .snapshots.finalize(projectId, branchId, withoutUndefined({ name: wanted.name }));
  return c.json({ operations: operations.map(operationResponse) });
});

snapshots.get("/projects/:project/branches/:branch/backup_schedule", (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  return c.json({ schedule: c.get("controlPlane").snapshots.schedule(projectId, branchId) });
});

snapshots.put("/projects/:project/branches/:branch/backup_schedule", async (c) => {
  const [projectId, branchId] = [idParam(c, "project"), idParam(c, "branch")];
  const { schedule } = await readBody(c, backupSchedule);
  const items = schedule.map((item) => withoutUndefined(item));
  await c.get("controlPlane").snapshots.setSchedule(projectId, branchId, items);
  return c.json({});
});
