import { appendFile, readdir, readFile, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EngineError } from "../../lib/engine-error.ts";
import * as files from "../../lib/io/files.ts";
import { isTemporary, type PreparedFile, readJson } from "../../lib/io/files.ts";
import { Mutex } from "../../lib/rw-lock.ts";
import { StartError } from "../../lib/start-error.ts";
import type { BranchFile } from "../../model/branch-file.ts";
import type {
  BranchRecord,
  EndpointRecord,
  OperationRecord,
  ProjectRecord,
  SnapshotRecord,
} from "../../model/records.ts";

/** What the catalog does to the disk; tests put a failing one in its place. */
export type Disk = Pick<
  typeof files,
  "prepareFile" | "syncDirectory" | "unlinkIfThere" | "makeDirectory"
>;

/**
 * What exists, as files; everything else can be derived from them.
 *
 *     catalog/journal.json               a change of several files that is under way
 *     catalog/<project>/project.json
 *     catalog/<project>/<branch>.json    { branch, endpoints }: a branch and its addresses
 *     catalog/<project>/<snapshot>.json  a snapshot
 *     catalog/<project>/operations.jsonl what was done, newest last
 *
 * A change of one file is one rename. A change of several writes the journal first: from that rename
 * on the change counts as made, and an engine that finds a journal at its start carries it out again.
 */
export class Catalog {
  readonly projects = new Map<string, ProjectRecord>();
  readonly branches = new Map<string, BranchRecord>();
  readonly endpoints = new Map<string, EndpointRecord>();
  readonly snapshots = new Map<string, SnapshotRecord>();
  readonly operations: OperationRecord[] = [];
  readonly #directory: string;
  readonly #writing = new Mutex();
  #broken: EngineError | undefined;
  readonly #disk: Disk;
  /** Called when memory and disk may disagree: nothing may be thought unused from then on. */
  onBroken: () => void = () => {};

  constructor(directory: string, disk: Disk = files) {
    this.#directory = directory;
    this.#disk = disk;
  }

  async load(): Promise<void> {
    const journal = await readRecord<Journal>(this.#journalFile);
    if (journal) {
      const prepared = await this.#prepare(journal.writes);
      await this.#finish(journal, prepared);
    }
    for (const entry of await readdir(this.#directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await this.#loadProject(entry.name);
      else if (isTemporary(entry.name)) await this.#disk.unlinkIfThere(this.#path(entry.name));
    }
  }

  /**
   * Makes a change durable, then visible. Changes are made one after the other, and `decide` sees the
   * records as they are at its turn; what it throws means that nothing changes. All contents are
   * written before the one step that counts, so a full disk means that nothing changes, too.
   */
  commit(decide: () => Change): Promise<void> {
    return this.#writing.run(async () => {
      if (this.#broken) throw this.#broken;
      const change = decide();
      const journal = this.#toJournal(change);
      const steps = journal.writes.length + journal.removes.length;
      if (steps === 0) return;
      const prepared = await this.#prepare(journal.writes);
      try {
        if (steps === 1) await this.#doOnly(journal, prepared);
        else await this.#announce(journal);
      } catch (error) {
        for (const file of prepared) await file.drop();
        throw error;
      }
      // From here on the change counts, and is only right on disk once it is carried out.
      try {
        await this.#finish(journal, steps === 1 ? [] : prepared);
      } catch (error) {
        this.#broken = catalogBroken(error);
        this.onBroken();
        throw this.#broken;
      }
      this.#apply(change);
    });
  }

  /** The branch with its endpoints, changed as given; for `Change.branches`. */
  withEndpoints(branch: BranchRecord, endpoints = this.endpointsOf(branch.id)): BranchFile {
    return { branch, endpoints };
  }

  endpointsOf(branchId: string): EndpointRecord[] {
    return [...this.endpoints.values()].filter((endpoint) => endpoint.branchId === branchId);
  }

  branchesOf(projectId: string): BranchRecord[] {
    return [...this.branches.values()].filter((branch) => branch.projectId === projectId);
  }

  snapshotsOf(projectId: string): SnapshotRecord[] {
    return [...this.snapshots.values()].filter((snapshot) => snapshot.projectId === projectId);
  }

  childrenOf(branchId: string): BranchRecord[] {
    return [...this.branches.values()].filter((branch) => branch.parentId === branchId);
  }

  /**
   * Operations are a log: losing the last ones, in a power cut or on a full disk, harms nothing. What
   * they tell of has happened, so it must not look as if it had failed.
   */
  async record(operation: OperationRecord): Promise<void> {
    this.operations.push(operation);
    const file = this.#path(operation.projectId, "operations.jsonl");
    await appendFile(file, `${JSON.stringify(operation)}\n`, { mode: 0o600 }).catch(() => {});
  }

  #path(...parts: string[]): string {
    return join(this.#directory, ...parts);
  }

  get #journalFile(): string {
    return this.#path("journal.json");
  }

  #toJournal(change: Change): Journal {
    const writes: Journal["writes"] = [];
    const removes: string[] = [];
    for (const project of change.projects ?? []) {
      writes.push({ path: join(project.id, "project.json"), content: project });
    }
    for (const file of change.branches ?? []) {
      writes.push({ path: recordPath(file.branch), content: file });
    }
    for (const snapshot of change.snapshots ?? []) {
      writes.push({ path: recordPath(snapshot), content: snapshot });
    }
    for (const branch of change.removedBranches ?? []) removes.push(recordPath(branch));
    for (const snapshot of change.removedSnapshots ?? []) removes.push(recordPath(snapshot));
    for (const project of change.removedProjects ?? []) {
      removes.push(join(project.id, "operations.jsonl"), join(project.id, "project.json"));
    }
    return { writes, removes };
  }

  async #prepare(writes: Journal["writes"]): Promise<PreparedFile[]> {
    const prepared: PreparedFile[] = [];
    try {
      for (const { path, content } of writes) {
        const file = this.#path(path);
        await this.#disk.makeDirectory(dirname(file), 0o700);
        prepared.push(await this.#disk.prepareFile(file, `${JSON.stringify(content, null, 2)}\n`));
      }
      return prepared;
    } catch (error) {
      for (const file of prepared) await file.drop();
      throw error;
    }
  }

  async #doOnly({ removes }: Journal, [write]: PreparedFile[]): Promise<void> {
    if (write) await write.rename();
    for (const path of removes) await this.#disk.unlinkIfThere(this.#path(path));
  }

  async #announce(journal: Journal): Promise<void> {
    const file = await this.#disk.prepareFile(this.#journalFile, JSON.stringify(journal));
    try {
      await file.rename();
    } catch (error) {
      await file.drop();
      throw error;
    }
  }

  /** Brings a change that counts to its end; the journal, if there is one, goes last. */
  async #finish({ writes, removes }: Journal, prepared: PreparedFile[]): Promise<void> {
    const isJournaled = writes.length + removes.length > 1;
    if (isJournaled) {
      await this.#disk.syncDirectory(this.#directory);
      for (const file of prepared) await file.rename();
      for (const path of removes) await this.#disk.unlinkIfThere(this.#path(path));
    }
    for (const directory of new Set([...writes.map(({ path }) => path), ...removes].map(dirname))) {
      // Deleted projects leave nothing; a change that is carried out again may find it so.
      await this.#disk.makeDirectory(this.#path(directory), 0o700);
      await this.#disk.syncDirectory(this.#path(directory));
    }
    if (isJournaled) {
      await this.#disk.unlinkIfThere(this.#journalFile);
      await this.#disk.syncDirectory(this.#directory);
    }
  }

  #apply(change: Change): void {
    for (const project of change.projects ?? []) this.projects.set(project.id, project);
    for (const { branch, endpoints } of change.branches ?? []) {
      this.branches.set(branch.id, branch);
      for (const old of this.endpointsOf(branch.id)) this.endpoints.delete(old.id);
      for (const endpoint of endpoints) this.endpoints.set(endpoint.id, endpoint);
    }
    for (const branch of change.removedBranches ?? []) {
      for (const old of this.endpointsOf(branch.id)) this.endpoints.delete(old.id);
      this.branches.delete(branch.id);
    }
    for (const snapshot of change.snapshots ?? []) this.snapshots.set(snapshot.id, snapshot);
    for (const snapshot of change.removedSnapshots ?? []) this.snapshots.delete(snapshot.id);
    for (const project of change.removedProjects ?? []) this.projects.delete(project.id);
  }

  async #loadProject(id: string): Promise<void> {
    const directory = this.#path(id);
    const names = await readdir(directory);
    for (const name of names.filter(isTemporary)) {
      await this.#disk.unlinkIfThere(join(directory, name));
    }
    const project = await readRecord<ProjectRecord>(join(directory, "project.json"));
    // Without its project.json a project was deleted, or never came to be.
    if (!project) return rmdir(directory).catch(() => {});
    this.projects.set(project.id, project);
    for (const name of names) {
      if (name.startsWith("br-") && name.endsWith(".json")) {
        const file = await readRecord<BranchFile>(join(directory, name));
        if (file) this.#apply({ branches: [file] });
      }
      if (name.startsWith("snap-") && name.endsWith(".json")) {
        const snapshot = await readRecord<SnapshotRecord>(join(directory, name));
        if (snapshot) this.#apply({ snapshots: [snapshot] });
      }
    }
    const log = await readFile(join(directory, "operations.jsonl"), "utf8").catch(() => "");
    for (const line of log.split("\n").slice(-maxOperations)) {
      // The last line may be cut off by a crash.
      try {
        if (line) this.operations.push(JSON.parse(line) as OperationRecord);
      } catch {}
    }
  }
}

const maxOperations = 1000;

async function readRecord<T>(path: string): Promise<T | undefined> {
  try {
    return await readJson<T>(path);
  } catch (error) {
    throw new StartError(
      "CONFIG_INVALID",
      `The catalog cannot be read: ${path} (${(error as Error).message}).`,
      "The engine writes these files whole, so something else changed this one: put it back from a backup.",
    );
  }
}

const catalogBroken = (cause: unknown) =>
  new EngineError(
    507,
    "CATALOG_BROKEN",
    `a change could not be written completely (${(cause as Error).message}); free some space, then run "ds engine stop": the next start completes it`,
    cause,
  );

const recordPath = (record: BranchRecord | SnapshotRecord) =>
  join(record.projectId, `${record.id}.json`);

export interface Change {
  projects?: ProjectRecord[];
  branches?: BranchFile[];
  snapshots?: SnapshotRecord[];
  removedSnapshots?: SnapshotRecord[];
  removedBranches?: BranchRecord[];
  removedProjects?: ProjectRecord[];
}

/** Paths are relative to the catalog's directory. */
interface Journal {
  writes: { path: string; content: unknown }[];
  removes: string[];
}
