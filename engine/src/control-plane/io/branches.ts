import { unprocessable } from "../../lib/engine-error.ts";
import { newBranchId, newBranchName } from "../../model/ids.ts";
import { momentOf } from "../../model/point-in-time.ts";
import type { BranchRecord, EndpointRecord, OperationRecord } from "../../model/records.ts";
import type {
  BranchBundle,
  BranchTransitions,
  CreateBranchInput,
  RestoreBranchInput,
} from "../api.ts";
import { forkedBranch, preservedBranch, restoredBranch, touched } from "../branch-records.ts";
import { refuseDelete, refuseExpiry, refuseName, refuseRestore } from "../branch-rules.ts";
import { type Core, refuseEndpoints, throwIf } from "./core.ts";
import { copySchemas, emptyFork, schemaOnlyBranch } from "./schema-only.ts";

/** Branches: forks, restores, and their ends. */
export function branches(
  core: Core,
): Omit<BranchTransitions, "getBranch"> & { deleteExpired(now?: number): Promise<void> } {
  const own = {
    listBranches(projectId: string): BranchRecord[] {
      core.getProject(projectId);
      return core.catalog.branchesOf(projectId);
    },

    branchState(branchId: string): "init" | "ready" {
      return core.locks.isBusy(branchId) ? "init" : "ready";
    },

    async createBranch(projectId: string, input: CreateBranchInput): Promise<BranchBundle> {
      const project = core.getProject(projectId);
      const parent = input.parentId
        ? core.getBranch(projectId, input.parentId)
        : core.defaultBranch(projectId);
      const name = input.name ?? newBranchName();
      const isProtected = input.protected ?? false;
      throwIf(refuseName(core.catalog.branchesOf(projectId), name));
      const moment = momentOf(input.parentLsn, input.parentTimestamp);
      if (input.expiresAt) throwIf(refuseExpiry({ default: false, protected: isProtected }, []));
      const schemaOnly = input.initSource === "schema-only";
      if (schemaOnly && (input.parentLsn || input.parentTimestamp)) {
        throw unprocessable(
          "PAST_SCHEMA_UNSUPPORTED",
          "a schema-only branch has the schema of the present: make a branch from that moment first, and this one from it",
        );
      }
      refuseEndpoints(input.endpoints);
      for (const { pgSettings } of input.endpoints)
        await core.parts.checkSettings(pgSettings ?? {});

      return core.locks.with({ shared: [parent.id] }, async () => {
        const began = new Date().toISOString();
        const source = core.computes.of(parent.id);
        const fork = schemaOnly
          ? await emptyFork(source, async () => core.data.copyOf(await core.parts.template()))
          : await core.fork(parent.id, moment);
        const recordOf = schemaOnly ? schemaOnlyBranch : forkedBranch;
        const branch = recordOf(core.getBranch(projectId, parent.id), fork, {
          id: newBranchId(),
          name,
          protected: isProtected,
          ...(input.expiresAt ? { expiresAt: input.expiresAt } : {}),
          ...(input.annotation ? { annotation: input.annotation } : {}),
        });
        const compute = core.computes.add(branch);
        const endpoints: EndpointRecord[] = [];
        try {
          if (schemaOnly) await copySchemas(source, compute, branch);
          for (const wanted of input.endpoints) {
            endpoints.push(await core.newEndpoint(project, branch.id, wanted));
          }
          await core.catalog.commit(() => {
            // Somebody may have taken the name while the data was copied.
            throwIf(refuseName(core.catalog.branchesOf(projectId), name));
            return { branches: [{ branch, endpoints }] };
          });
        } catch (error) {
          await core.computes.remove(branch.id);
          await core.data.discard(branch.dataDir);
          throw error;
        }
        core.takeFirstBaseBackup(branch.id, fork);
        const at = { projectId, branchId: branch.id };
        const operations = [await core.operations.add({ ...at, action: "create_branch" }, began)];
        for (const { id } of endpoints) {
          const action = "start_compute";
          operations.push(await core.operations.add({ ...at, endpointId: id, action }, began));
        }
        return { branch, endpoints, operations };
      });
    },

    async updateBranch(
      projectId: string,
      branchId: string,
      patch: { name?: string; protected?: boolean; expiresAt?: string | null },
    ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
      const branch = await core.change(projectId, branchId, (current) => {
        const { expiresAt: before, ...rest } = current;
        const expiresAt = patch.expiresAt === undefined ? before : (patch.expiresAt ?? undefined);
        const updated: BranchRecord = {
          ...rest,
          name: patch.name ?? current.name,
          protected: patch.protected ?? current.protected,
          ...(expiresAt ? { expiresAt } : {}),
        };
        if (updated.name !== current.name) {
          throwIf(refuseName(core.catalog.branchesOf(projectId), updated.name));
        }
        if (expiresAt) throwIf(refuseExpiry(updated, core.catalog.childrenOf(branchId)));
        return updated;
      });
      return { branch, operations: [] };
    },

    async deleteBranch(
      projectId: string,
      branchId: string,
    ): Promise<{ branch: BranchRecord; operations: OperationRecord[] } | undefined> {
      core.getProject(projectId);
      const known = core.catalog.branches.get(branchId);
      if (!known || known.projectId !== projectId) return undefined;
      throwIf(refuseDelete(known, core.catalog.childrenOf(branchId)));
      return core.locks.with({ exclusive: [branchId] }, async () => {
        const began = new Date().toISOString();
        const endpoints = core.catalog.endpointsOf(branchId);
        await core.computes.of(branchId).stop();
        let branch = known;
        await core.catalog.commit(() => {
          branch = core.getBranch(projectId, branchId);
          throwIf(refuseDelete(branch, core.catalog.childrenOf(branchId)));
          return { removedBranches: [branch] };
        });
        await core.discard(branch);
        const at = { projectId, branchId };
        const operations = [];
        for (const { id } of endpoints) {
          const action = "suspend_compute";
          operations.push(await core.operations.add({ ...at, endpointId: id, action }, began));
        }
        operations.push(await core.operations.add({ ...at, action: "delete_timeline" }, began));
        return { branch, operations };
      });
    },

    /** Id, endpoint and passwords stay; while the data is exchanged, connections wait. */
    async restoreBranch(
      projectId: string,
      branchId: string,
      input: RestoreBranchInput,
    ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
      const check = () => {
        const target = core.getBranch(projectId, branchId);
        const source = core.getBranch(projectId, input.sourceBranchId);
        const children = core.catalog.childrenOf(branchId);
        const branches = core.catalog.branchesOf(projectId);
        const { preserveUnderName } = input;
        throwIf(refuseRestore({ target, source, children, branches, preserveUnderName }));
        return { target, source, children };
      };
      check();
      const moment = momentOf(input.sourceLsn, input.sourceTimestamp);
      if (branchId === input.sourceBranchId && !moment) {
        throw unprocessable(
          "POINT_IN_TIME_REQUIRED",
          "source_lsn or source_timestamp is required: the branch is its own source",
        );
      }

      const want = { exclusive: [branchId], shared: [input.sourceBranchId] };
      return core.locks.with(want, async () => {
        const began = new Date().toISOString();
        const fork = await core.fork(input.sourceBranchId, moment, branchId);
        // Clients that wait for the branch start a server on it before anything else can be copied.
        const base = await core.timeTravel
          .copyAsBase(core.forkedFrom(input.sourceBranchId, fork), core.data.path(fork.dataDir))
          .catch((error: Error) => {
            core.parts.log(`no base for the history of ${branchId}: ${error.message}`);
            return undefined;
          });
        let replaced: BranchRecord | undefined;
        try {
          await core.computes.of(branchId).whileStopped(() =>
            core.catalog.commit(() => {
              const { target, source, children } = check();
              const restored = restoredBranch(target, source, fork);
              // A root stays a root, and so is what is kept of it.
              const under = (parentId: string) => (target.parentId ? { parentId } : {});
              if (!input.preserveUnderName) {
                replaced = target;
                return {
                  branches: [core.catalog.withEndpoints({ ...restored, ...under(source.id) })],
                };
              }
              const files = children.map((child) => core.catalog.withEndpoints(child));
              const kept = preservedBranch(target, files, input.preserveUnderName);
              const parentId = core.descendsFrom(source, target) ? kept.preserved.id : source.id;
              return {
                branches: [
                  core.catalog.withEndpoints(kept.preserved, []),
                  ...kept.children,
                  core.catalog.withEndpoints({ ...restored, ...under(parentId) }),
                ],
              };
            }),
          );
        } catch (error) {
          await core.data.discard(fork.dataDir);
          if (base) await core.data.discard(base);
          throw error;
        }
        if (replaced) await core.data.discard(replaced.dataDir);
        core.computes.addMissing();
        // What is before the restore is in the branch that was preserved, not in the source's past.
        const { lastResetAt = began } = core.getBranch(projectId, branchId);
        if (base) {
          core.beginHistoryWith(branchId, base, { at: lastResetAt, lsn: fork.lsnAfter });
        }
        const at = { projectId, branchId };
        const operations = [await core.operations.add({ ...at, action: "create_timeline" }, began)];
        return { branch: core.getBranch(projectId, branchId), operations };
      });
    },

    async setDefaultBranch(
      projectId: string,
      branchId: string,
    ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
      await core.catalog.commit(() => {
        const branch = core.getBranch(projectId, branchId);
        if (branch.expiresAt)
          throw unprocessable(
            "BRANCH_EXPIRES",
            "a branch that expires cannot be the default branch",
          );
        const before = core.catalog.branchesOf(projectId).filter((other) => other.default);
        return {
          branches: [
            ...before.map((other) =>
              core.catalog.withEndpoints(touched({ ...other, default: false })),
            ),
            core.catalog.withEndpoints(touched({ ...branch, default: true })),
          ],
        };
      });
      return { branch: core.getBranch(projectId, branchId), operations: [] };
    },

    /** Deletes the branches whose time is over; those with children stay until these are gone. */
    async deleteExpired(now = Date.now()): Promise<void> {
      for (const branch of [...core.catalog.branches.values()]) {
        if (!branch.expiresAt || Date.parse(branch.expiresAt) > now) continue;
        await own.deleteBranch(branch.projectId, branch.id).catch(() => {});
      }
    },
  };
  return own;
}
