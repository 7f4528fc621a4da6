import type { BranchRecord } from "../../model/records.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import { endedOperation } from "../../under-way/ended-operation.ts";

/**
 * What an engine that has ended was still making when it ended. A branch that was being made is taken back, with what
 * there is of its data; one that was being restored is as it was. Their operations have failed. What else ran was done,
 * and only its end was not written down.
 */
export async function settlePending(catalog: Catalog, log: (line: string) => void): Promise<void> {
  for (const branch of [...catalog.branches.values()]) {
    if (branch.pending) await takeBack(catalog, branch, log);
  }
  for (const operation of catalog.operations.filter(({ status }) => status === "running")) {
    await catalog.record(endedOperation(operation, { status: "finished" }));
  }
}

async function takeBack(
  catalog: Catalog,
  { pending, ...branch }: BranchRecord,
  log: (line: string) => void,
): Promise<void> {
  const isNew = pending?.kind === "create";
  const error = isNew
    ? "the engine ended before the branch was made; nothing of it is left"
    : "the engine ended before the branch was restored; it is as it was";
  log(`${branch.name}: ${error}`);
  for (const operation of catalog.operations) {
    if (operation.status !== "running" || !pending?.operationIds.includes(operation.id)) continue;
    await catalog.record(endedOperation(operation, { status: "failed", error }));
  }
  await catalog.commit(() =>
    isNew ? { removedBranches: [branch] } : { branches: [catalog.withEndpoints(branch)] },
  );
}
