import type pg from "pg";
import { locked, notFound, unprocessable } from "../../lib/engine-error.ts";
import type { ChangedPages } from "../../log-summaries/changed-pages.ts";
import { readChangedPages } from "../../log-summaries/io/read-changes.ts";
import { commonFork } from "../../model/descent.ts";
import type { BranchRecord, DatabaseRecord, OperationRecord } from "../../model/records.ts";
import { lostServer } from "../../postgres/connection-errors.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { readRolesAndDatabases } from "../../postgres/io/roles.ts";
import type { Takes } from "./services.ts";

/** Asking a branch's Postgres, and changing things there, as the engine's superuser. */

/** The record, brought up to date when the compute runs: SQL can make roles and databases too. */
export async function currentBranch(
  services: Takes<"records" | "computes" | "contents">,
  projectId: string,
  branchId: string,
): Promise<BranchRecord> {
  const { records, computes } = services;
  const branch = records.branch(projectId, branchId);
  const compute = computes.of(branchId);
  if (!compute.isRunning) return branch;
  return compute
    .admin("postgres", (client) => syncBranch(services, client, branch))
    .catch((error: unknown) => {
      // Suspended meanwhile: the record is what was last seen.
      if (lostServer(error)) return records.branch(projectId, branchId);
      throw error;
    });
}

/** The branch's record as its Postgres has it now. */
export async function syncBranch(
  { records, contents }: Takes<"records" | "contents">,
  client: pg.Client,
  { projectId, id }: Pick<BranchRecord, "projectId" | "id">,
): Promise<BranchRecord> {
  await contents.record(id, await readRolesAndDatabases(client));
  return records.branch(projectId, id);
}

/** The running compute of a branch that has this database, also when it was made by SQL. */
export async function awakeWith(
  services: Takes<"records" | "computes" | "contents">,
  projectId: string,
  branchId: string,
  database: string,
): Promise<Compute> {
  const { id } = services.records.branch(projectId, branchId);
  const compute = services.computes.of(id);
  await compute.ensureRunning();
  if (!findDatabase(await currentBranch(services, projectId, id), database)) {
    throw notFound("database");
  }
  return compute;
}

/** Which pages of a database, which both branches have, they may not have in common. Wakes both. */
export async function pagesApart(
  services: Takes<"records" | "computes" | "contents">,
  wanted: { projectId: string; branchId: string; baseId: string; database: string },
): Promise<ChangedPages> {
  const { records } = services;
  const { projectId, branchId, baseId, database } = wanted;
  const [base, branch] = [records.branch(projectId, baseId), records.branch(projectId, branchId)];
  const sides = await Promise.all(
    [base, branch].map(({ id }) => awakeWith(services, projectId, id, database)),
  );
  const asks = sides.map(
    (compute) =>
      <T>(work: (client: pg.Client) => Promise<T>) =>
        compute.admin("postgres", work),
  ) as unknown as Parameters<typeof readChangedPages>[1];
  const pages = await readChangedPages(commonFork(base, branch), asks, database);
  const isExchanged = [base, branch].some(
    ({ id, dataDir }) => records.branch(projectId, id).dataDir !== dataDir,
  );
  if (isExchanged) throw locked();
  return pages;
}

/** A change by SQL, as one operation; what Postgres refuses is answered with 422. */
export async function withSql<T extends object>(
  { locks, computes, operations }: Takes<"locks" | "computes" | "operations">,
  branch: BranchRecord,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T & { operations: OperationRecord[] }> {
  const began = new Date().toISOString();
  return locks.with({ shared: [branch.id] }, async () => {
    const result = await computes
      .of(branch.id)
      .admin(database, work)
      .catch((error: unknown) => {
        throw asRefusal(error);
      });
    const at = { projectId: branch.projectId, branchId: branch.id };
    return {
      ...result,
      operations: [await operations.add({ ...at, action: "apply_config" }, began)],
    };
  });
}

export function findDatabase(branch: BranchRecord, name: string): DatabaseRecord | undefined {
  return branch.databases.find((database) => database.name === name);
}

/** What Postgres refuses (a bad name, something still in use) is the client's to mend. */
export function asRefusal(error: unknown): unknown {
  return isRefused(error) ? unprocessable("POSTGRES_REFUSED", (error as Error).message) : error;
}

/** Whether Postgres has said no, and changed nothing. */
export const isRefused = (error: unknown): boolean =>
  (error as { severity?: string }).severity === "ERROR";
