import { appendFile, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EngineError } from "./errors.ts";
import { isMissing, makeDirectory, readJson, removeFile, writeFileAtomic } from "./files.ts";
import type { BranchRecord, EndpointRecord, OperationRecord, ProjectRecord } from "./model.ts";
import { Mutex } from "./rw-lock.ts";

/**
 * What exists, as files; everything else can be derived from them.
 *
 *     catalog/journal.json               a change of several files that is under way
 *     catalog/<project>/project.json
 *     catalog/<project>/<branch>.json    { branch, endpoints }: a branch and its addresses
 *     catalog/<project>/operations.jsonl what was done, newest last
 *
 * A change of one file is one rename. A change of several writes the journal first: from that rename
 * on the change counts as made, and an engine that finds a journal at its start carries it out again.
 */
export class Catalog {
  readonly projects = new Map<string, ProjectRecord>();
  readonly branches = new Map<string, BranchRecord>();
  readonly endpoints = new Map<string, EndpointRecord>();
  readonly operations: OperationRecord[] = [];
  readonly #directory: string;
  readonly #writing = new Mutex();
  #broken: Error | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async load(): Promise<void> {
    const journal = await readJson<Journal>(this.#journalFile);
    if (journal) await this.#carryOut(journal);
    for (const entry of await readdir(this.#directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await this.#loadProject(entry.name);
    }
  }

  /**
   * Makes a change durable, then visible. Changes are made one after the other, and `decide` sees the
   * records as they are at its turn; what it throws means that nothing changes.
   */
  commit(decide: () => Change): Promise<void> {
    return this.#writing.run(async () => {
      if (this.#broken) throw this.#broken;
      const change = decide();
      const journal = this.#toJournal(change);
      const files = journal.writes.length + journal.removes.length;
      if (files === 0) return;
      const single = files === 1;
      if (!single) await writeFileAtomic(this.#journalFile, JSON.stringify(journal));
      try {
        await this.#carryOut(journal, single);
      } catch (error) {
        // The journal counts: what is on disk now is only right once it has been carried out.
        if (!single) this.#broken = catalogBroken(error);
        throw error;
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

  childrenOf(branchId: string): BranchRecord[] {
    return [...this.branches.values()].filter((branch) => branch.parentId === branchId);
  }

  /** Operations are a log: losing the last ones in a power cut harms nothing. */
  async record(operation: OperationRecord): Promise<void> {
    this.operations.push(operation);
    const file = join(this.#directory, operation.projectId, "operations.jsonl");
    await appendFile(file, `${JSON.stringify(operation)}\n`, { mode: 0o600 }).catch((error) => {
      if (!isMissing(error)) throw error;
    });
  }

  get #journalFile(): string {
    return join(this.#directory, "journal.json");
  }

  #toJournal(change: Change): Journal {
    const writes: Journal["writes"] = [];
    const removes: string[] = [];
    for (const project of change.projects ?? []) {
      writes.push({ path: join(project.id, "project.json"), content: project });
    }
    for (const file of change.branches ?? []) {
      writes.push({ path: branchPath(file.branch), content: file });
    }
    for (const branch of change.removedBranches ?? []) removes.push(branchPath(branch));
    for (const project of change.removedProjects ?? []) {
      removes.push(join(project.id, "operations.jsonl"), join(project.id, "project.json"));
    }
    return { writes, removes };
  }

  async #carryOut({ writes, removes }: Journal, single = false): Promise<void> {
    for (const { path, content } of writes) {
      const file = join(this.#directory, path);
      await makeDirectory(dirname(file), 0o700);
      await writeFileAtomic(file, `${JSON.stringify(content, null, 2)}\n`);
    }
    for (const path of removes) {
      const file = join(this.#directory, path);
      await makeDirectory(dirname(file), 0o700);
      await removeFile(file);
    }
    if (!single) await removeFile(this.#journalFile);
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
    for (const project of change.removedProjects ?? []) this.projects.delete(project.id);
  }

  async #loadProject(id: string): Promise<void> {
    const directory = join(this.#directory, id);
    const project = await readJson<ProjectRecord>(join(directory, "project.json"));
    // Without its project.json a project was deleted, or never came to be.
    if (!project) return;
    this.projects.set(project.id, project);
    for (const name of await readdir(directory)) {
      if (!name.startsWith("br-") || !name.endsWith(".json")) continue;
      const file = await readJson<BranchFile>(join(directory, name));
      if (file) this.#apply({ branches: [file] });
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

const catalogBroken = (cause: unknown) =>
  new EngineError(
    507,
    "CATALOG_BROKEN",
    `a change could not be written completely (${(cause as Error).message}); free some space, then run "ds engine stop": the next start completes it`,
    cause,
  );

const branchPath = (branch: BranchRecord) => join(branch.projectId, `${branch.id}.json`);

export interface BranchFile {
  branch: BranchRecord;
  endpoints: EndpointRecord[];
}

export interface Change {
  projects?: ProjectRecord[];
  branches?: BranchFile[];
  removedBranches?: BranchRecord[];
  removedProjects?: ProjectRecord[];
}

/** Paths are relative to the catalog's directory. */
interface Journal {
  writes: { path: string; content: unknown }[];
  removes: string[];
}
