import { appendFile, readdir, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { EngineError } from "../../lib/engine-error.ts";
import * as disk from "../../lib/io/files.ts";
import { Mutex } from "../../lib/rw-lock.ts";
import type { OperationRecord } from "../../model/records.ts";
import { type Change, journalOf } from "../catalog-change.ts";
import { CatalogRecords } from "../catalog-records.ts";
import { checkRecords } from "../record-check.ts";
import { type Disk, JournaledFiles } from "./journaled-files.ts";
import { readOperations } from "./operation-log.ts";
import { droppedFolder, readRecordFiles } from "./record-files.ts";
import { refuseDamages } from "./refuse-damages.ts";

/**
 * What exists, as files; everything else can be derived from them.
 *
 *     catalog/journal.json               a change of several files that is under way
 *     catalog/<project>/project.json
 *     catalog/<project>/<branch>.json    { branch, endpoints }: a branch and its addresses
 *     catalog/<project>/<snapshot>.json  a snapshot
 *     catalog/<project>/operations.jsonl what was done, newest last
 *     catalog/dropped/<data dir>.json    data that a change has given up and that is not gone yet
 *
 * Records are checked when they are read: one that is missing or wrong refuses the start.
 */
export class Catalog extends CatalogRecords {
  readonly operations: OperationRecord[] = [];
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #files: JournaledFiles;
  readonly #writing = new Mutex();
  #broken: EngineError | undefined;
  /** Called when memory and disk may disagree: nothing may be thought unused from then on. */
  onBroken: () => void = () => {};
  /** Called after each change. */
  onCommitted: (change: Change) => void = () => {};

  constructor(directory: string, on: Disk = disk) {
    super();
    this.#directory = directory;
    this.#disk = on;
    this.#files = new JournaledFiles(directory, on);
  }

  async load(): Promise<void> {
    await this.#files.recover();
    const files = await readRecordFiles(this.#directory);
    const { damages, projects, branches, snapshots } = checkRecords(files);
    refuseDamages(damages);
    this.apply({ projects, branches, snapshots });
    for (const entry of await readdir(this.#directory, { withFileTypes: true })) {
      const path = join(this.#directory, entry.name);
      if (entry.isDirectory()) await this.#tidy(path);
      else if (disk.isTemporary(entry.name)) await this.#disk.unlinkIfThere(path);
    }
    for (const { id } of projects) {
      this.operations.push(
        ...(await readOperations(join(this.#directory, id, "operations.jsonl"))),
      );
    }
  }

  /** What writing has left when it was cut off, and the directory of a project that was deleted. */
  async #tidy(directory: string): Promise<void> {
    for (const name of await readdir(directory)) {
      if (disk.isTemporary(name)) await this.#disk.unlinkIfThere(join(directory, name));
    }
    // Fails on one that is not empty.
    if (basename(directory) !== droppedFolder) await rmdir(directory).catch(() => {});
  }

  /**
   * Makes a change durable, then visible. Changes are made one after the other, and `decide` sees the
   * records as they are at its turn; what it throws means that nothing changes.
   */
  commit(decide: () => Change): Promise<void> {
    return this.#writing.run(async () => {
      if (this.#broken) throw this.#broken;
      const change = decide();
      const journal = journalOf(change, this.droppedBy(change));
      if (journal.writes.length + journal.removes.length === 0) return;
      const finish = await this.#files.begin(journal);
      // From here on the change counts, and is only right on disk once it is carried out.
      try {
        await finish();
      } catch (error) {
        this.#broken = catalogBroken(error);
        this.onBroken();
        throw this.#broken;
      }
      this.apply(change);
      this.onCommitted(change);
    });
  }

  /**
   * Operations are a log: losing the last ones, in a power cut or on a full disk, harms nothing. What
   * they tell of has happened, so it must not look as if it had failed.
   */
  async record(operation: OperationRecord): Promise<void> {
    this.show(operation);
    await this.note(operation);
  }

  /** Tells it from now on, in place of what was told of it before. */
  show(operation: OperationRecord): void {
    const known = this.operations.findLastIndex(({ id }) => id === operation.id);
    if (known === -1) this.operations.push(operation);
    else this.operations[known] = operation;
  }

  /** Writes it down, for the next start. */
  async note(operation: OperationRecord): Promise<void> {
    const file = join(this.#directory, operation.projectId, "operations.jsonl");
    await appendFile(file, `${JSON.stringify(operation)}\n`, { mode: 0o600 }).catch(() => {});
  }
}

const catalogBroken = (cause: unknown) =>
  new EngineError(
    507,
    "CATALOG_BROKEN",
    `a change could not be written completely (${(cause as Error).message}); free some space, then run "ds engine stop": the next start completes it`,
    cause,
  );
