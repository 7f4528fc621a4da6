import { mergeContents, type RolesAndDatabases } from "../../model/contents.ts";
import { roundsAnswerMs } from "../../postgres/io/idle.ts";
import { readContents } from "../../postgres/io/roles.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { Records } from "./records.ts";

/** Keeps branches' records as their Postgres has it: SQL can make roles and databases too. */
export class BranchContents {
  readonly #catalog: Catalog;
  readonly #records: Records;
  readonly #computes: ComputePool;

  constructor(catalog: Catalog, records: Records, computes: ComputePool) {
    this.#catalog = catalog;
    this.#records = records;
    this.#computes = computes;
  }

  /** Asks Postgres; one that sleeps, or does not answer, leaves the record as it is. */
  async refresh(branchId: string): Promise<void> {
    const contents = await this.#computes
      .of(branchId)
      .adminIfRunning("postgres", readContents, roundsAnswerMs)
      .catch(() => undefined);
    if (contents) await this.record(branchId, contents);
  }

  async record(
    branchId: string,
    contents: RolesAndDatabases & { logicalSize?: number },
  ): Promise<void> {
    const now = new Date().toISOString();
    const branch = this.#catalog.branches.get(branchId);
    if (!branch) return;
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    const merged = mergeContents(branch, contents, now);
    const { roles, databases, logicalSize } = branch;
    if (same(merged, { roles, databases, logicalSize })) return;
    await this.#records.changeBranchIfThere(branchId, (current) => ({
      ...current,
      ...mergeContents(current, contents, now),
    }));
  }

  /** Stops the compute after noting what the branch holds, for the time that it sleeps. */
  async suspend(branchId: string): Promise<void> {
    const compute = this.#computes.of(branchId);
    if (compute.state.state === "idle") return;
    await this.refresh(branchId);
    // One that is just being started is waited for.
    await compute.stop();
    await this.noteUse([branchId]);
  }

  /** Writes down when the branches were last used, where that has changed by more than a little. */
  async noteUse(branchIds: readonly string[]): Promise<void> {
    await this.#catalog.commit(() => {
      const used = branchIds.flatMap((id) => {
        const branch = this.#catalog.branches.get(id);
        const lastActiveAt = branch && this.#computes.of(id).state.lastActive;
        if (!lastActiveAt || !isLater(lastActiveAt, branch.lastActiveAt)) return [];
        return this.#catalog.withEndpoints({ ...branch, lastActiveAt });
      });
      return { branches: used };
    });
  }
}

const worthNotingMs = 60_000;

const isLater = (at: string, before: string | undefined): boolean =>
  before === undefined || Date.parse(at) - Date.parse(before) > worthNotingMs;
