import { contentsOf, type Fork } from "../../model/fork.ts";
import type { BaseBackupKeeper, BeginOfHistory } from "../../pitr/io/base-backup-keeper.ts";
import type { Source } from "../../pitr/io/source.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { BranchLocks } from "../../under-way/io/branch-locks.ts";
import { isUnmasked } from "../anonymization-rules.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { Records } from "./records.ts";
import { sourceOfBranch } from "./source-of-branch.ts";

interface BranchHistoryParts {
  catalog: Catalog;
  records: Records;
  computes: ComputePool;
  locks: BranchLocks;
  data: BranchData;
  backups: BaseBackupKeeper;
  log: (line: string) => void;
}

/** Branches' base backups, taken in the background: the first of new data, and those that follow. */
export class BranchHistory {
  readonly #parts: BranchHistoryParts;
  #pending: Promise<unknown> = Promise.resolve();
  /** Data directories whose first base is being made. */
  readonly #beginning = new Set<string>();

  constructor(parts: BranchHistoryParts) {
    this.#parts = parts;
  }

  /** The first base of new data. Nobody waits for it; connections do while it is copied. */
  takeFirst(branchId: string, fork?: Fork): void {
    const source = this.#source(branchId);
    this.#beginIn(source, this.#parts.backups.take(source, fork));
  }

  /** The same of data that was copied from `path`, which stays as it is; not even connections wait. */
  beginFrom(branchId: string, path: string, begin: BeginOfHistory): void {
    const { backups } = this.#parts;
    const source = this.#source(branchId);
    const take = async () => {
      const copy = await backups.copyOf(source, path);
      if (copy !== undefined) await backups.keep(source, copy, begin);
    };
    this.#beginIn(source, take());
  }

  /** The same with a copy that `copyFork` made before. */
  beginWith(branchId: string, copy: string, begin: BeginOfHistory): void {
    const source = this.#source(branchId);
    this.#beginIn(source, this.#parts.backups.keep(source, copy, begin));
  }

  /**
   * A copy of a fork that no server has run on, for the history of the branch which is given the fork;
   * undefined where there is no room for one, or it fails.
   */
  async copyFork(branchId: string, sourceId: string, fork: Fork): Promise<string | undefined> {
    const { backups, data, log } = this.#parts;
    const source = this.#source(sourceId);
    const contents = contentsOf(fork);
    // What was copied may be of long ago, and had another size then.
    const copied = contents ? { ...source, logicalSize: contents.logicalSize } : source;
    return backups.copyOf(copied, data.path(fork.dataDir)).catch((error: Error) => {
      log(`no base for the history of ${branchId}: ${error.message}`);
      return undefined;
    });
  }

  /** Keeps the past of every branch within its window. */
  async runMaintenance(): Promise<void> {
    const { catalog, locks, data, backups, log } = this.#parts;
    for (const { id, name } of [...catalog.branches.values()]) {
      const dataDir = catalog.branches.get(id)?.dataDir;
      if (isUnmasked(catalog.branches.get(id))) continue;
      if (dataDir === undefined || this.#beginning.has(dataDir) || locks.isBusy(id)) continue;
      await backups.maintain(this.#source(id)).catch((error: Error) => {
        log(`maintaining the history of ${name} failed: ${error.message}`);
      });
    }
    data.emptyTrash();
  }

  /** Resolves when no first base is being made any more. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  #source(branchId: string): Source {
    return sourceOfBranch(this.#parts, branchId);
  }

  #beginIn({ name, dataDir }: Source, taking: Promise<void>): void {
    this.#beginning.add(dataDir);
    const taken = taking
      .catch((error: Error) => {
        this.#parts.log(`no base for the history of ${name}: ${error.message}`);
      })
      .finally(() => this.#beginning.delete(dataDir));
    this.#pending = Promise.all([this.#pending, taken]).then(() => {});
  }
}
