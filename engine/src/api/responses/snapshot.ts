import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { SnapshotRecord } from "../../model/records.ts";

/** A snapshot as the API answers it (schema Snapshot of Neon's description). */
export function snapshotResponse(snapshot: SnapshotRecord) {
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
