import type { raw } from "@neon/sdk";
import { toBranch, toSnapshot } from "../from-api.ts";
import type { Branch, Snapshot } from "../model.ts";
import { type NeonReader, path } from "./reader.ts";
import { creating, deleting, type NeonWriter } from "./writer.ts";

export interface SnapshotCalls {
  listSnapshots(projectId: string): Promise<Snapshot[]>;
  /** @param input `name`: one that no snapshot has; `expiresAt`: ISO 8601 */
  createSnapshot(
    projectId: string,
    branchId: string,
    input: { name: string; expiresAt?: string },
  ): Promise<Snapshot>;
  deleteSnapshot(projectId: string, snapshotId: string): Promise<void>;
  /** A new branch with its data, below another one; `name`: one that no branch has. */
  branchFromSnapshot(
    projectId: string,
    snapshotId: string,
    input: { name: string; belowBranchId: string },
  ): Promise<Branch>;
}

export function snapshotCalls(reader: NeonReader, writer: NeonWriter): SnapshotCalls {
  return {
    listSnapshots: async (projectId) => (await list(reader, projectId)).map(toSnapshot),
    createSnapshot: async (projectId, branchId, { name, expiresAt }) => {
      const made = await writer.change<{ snapshot: raw.Snapshot }>(
        creating(`the snapshot ${name}`),
        (neon, options) =>
          neon.createSnapshot({
            ...options,
            path: { project_id: projectId, branch_id: branchId },
            query: { name, ...(expiresAt === undefined ? {} : { expires_at: expiresAt }) },
          }),
        (now) => find(now, projectId, (each) => each.name === name),
      );
      return toSnapshot(made.snapshot);
    },
    deleteSnapshot: async (projectId, snapshotId) => {
      await writer.change<unknown>(
        deleting(`the snapshot ${snapshotId}`),
        (neon, options) =>
          neon.deleteSnapshot({
            ...options,
            path: { project_id: projectId, snapshot_id: snapshotId },
          }),
        async (now) =>
          (await find(now, projectId, ({ id }) => id === snapshotId)) ? undefined : {},
      );
    },
    branchFromSnapshot: async (projectId, snapshotId, { name, belowBranchId }) => {
      const made = await writer.change<{ branch: raw.Branch }>(
        creating(`the branch ${name}`),
        (neon, options) =>
          neon.restoreSnapshot({
            ...options,
            path: { project_id: projectId, snapshot_id: snapshotId },
            body: { name, target_branch_id: belowBranchId, finalize_restore: false },
          }),
        async (now) => {
          const question = path`/projects/${projectId}/branches`;
          const pages = await now.pages<raw.BranchesResponse & raw.CursorPaginationResponse>(
            "listing branches",
            question,
            "branches",
          );
          const branch = pages.flatMap(({ branches }) => branches).find((b) => b.name === name);
          return branch && { branch };
        },
      );
      return toBranch(made.branch);
    },
  };
}

async function list(reader: NeonReader, projectId: string): Promise<raw.Snapshot[]> {
  const question = path`/projects/${projectId}/snapshots`;
  const { snapshots } = await reader.get<{ snapshots: raw.Snapshot[] }>(
    "listing snapshots",
    question,
  );
  return snapshots;
}

async function find(
  reader: NeonReader,
  projectId: string,
  isMeant: (snapshot: raw.Snapshot) => boolean,
): Promise<{ snapshot: raw.Snapshot } | undefined> {
  const snapshot = (await list(reader, projectId)).find(isMeant);
  return snapshot && { snapshot };
}
