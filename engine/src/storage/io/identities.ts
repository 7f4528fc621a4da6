import type { Identity } from "../../model/identity.ts";
import type { Change } from "../catalog-change.ts";
import type { CatalogRecords } from "../catalog-records.ts";
import { readIdentity, writeIdentity } from "./identity-file.ts";
import type { Notes } from "./step-notes.ts";

interface IdentitiesParts {
  catalog: CatalogRecords;
  notes: Notes;
  path: (dataDir: string) => string;
  log: (line: string) => void;
}

/** Keeps each data directory's own copy of its records as the catalog has them. */
export class Identities {
  readonly #parts: IdentitiesParts;
  readonly #due = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;

  constructor(parts: IdentitiesParts) {
    this.#parts = parts;
  }

  /** After a change of the catalog; nobody waits for it, and a start makes up for it. */
  follow(change: Change): void {
    const { catalog } = this.#parts;
    for (const { branch } of change.branches ?? []) this.#due.add(branch.id);
    for (const { id } of change.snapshots ?? []) this.#due.add(id);
    for (const { id } of change.projects ?? []) {
      for (const held of [...catalog.branchesOf(id), ...catalog.snapshotsOf(id)]) {
        this.#due.add(held.id);
      }
    }
    this.#begin();
  }

  #begin(): void {
    if (this.#isWriting || this.#due.size === 0) return;
    this.#isWriting = true;
    this.#writing = this.#writeDue().finally(() => {
      this.#isWriting = false;
      this.#begin();
    });
  }

  /** Those that are missing or old, at a start. */
  async writeMissing(): Promise<void> {
    const { catalog, path } = this.#parts;
    for (const id of [...catalog.branches.keys(), ...catalog.snapshots.keys()]) {
      const wanted = this.#identityOf(id);
      const found = wanted && (await readIdentity(path(wanted.dataDir)));
      if (JSON.stringify(found) !== JSON.stringify(wanted)) this.#due.add(id);
    }
    await this.#writeDue();
  }

  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeDue(): Promise<void> {
    for (const id of this.#due) {
      this.#due.delete(id);
      const identity = this.#identityOf(id);
      if (!identity) continue;
      try {
        await this.#parts.notes.end(identity.dataDir);
        await writeIdentity(this.#parts.path(identity.dataDir), identity);
      } catch (error) {
        if (this.#identityOf(id)?.dataDir !== identity.dataDir) continue;
        this.#parts.log(`the identity of ${id} was not written: ${(error as Error).message}`);
      }
    }
  }

  #identityOf(id: string): Identity | undefined {
    const { catalog } = this.#parts;
    const branch = catalog.branches.get(id);
    const snapshot = catalog.snapshots.get(id);
    const record = branch ?? snapshot;
    const project = record && catalog.projects.get(record.projectId);
    if (!project) return undefined;
    const { dataDir } = record;
    if (branch?.pending?.kind === "create") return undefined;
    if (branch) return { dataDir, project, branch: catalog.withEndpoints(branch) };
    return snapshot && { dataDir, project, snapshot };
  }
}
