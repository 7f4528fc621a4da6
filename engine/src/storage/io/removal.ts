import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { exists, syncDirectory } from "../../lib/io/files.ts";
import { newDataDir } from "../../model/ids.ts";
import type { Home } from "../home.ts";
import type { Notes } from "./step-notes.ts";

/** Removes data directories: out of sight at once, their blocks are freed in the background. */
export class Removal {
  readonly #home: Home;
  readonly #notes: Notes;
  #emptying: Promise<void> = Promise.resolve();
  #keepsAll = false;

  constructor(home: Home, notes: Notes) {
    this.#home = home;
    this.#notes = notes;
  }

  async discard(dataDir: string): Promise<void> {
    if (this.#keepsAll) return;
    const { pgdata, trash, history } = this.#home;
    await rename(join(pgdata, dataDir), join(trash, dataDir)).catch(() => {});
    await rename(join(history, dataDir), join(trash, `${dataDir}.history`)).catch(() => {});
    this.#inBackground(() => this.#forget(dataDir));
    this.emptyTrash();
  }

  /** From now on nothing is discarded: the next start knows better what nothing refers to. */
  keepAll(): void {
    this.#keepsAll = true;
  }

  /** Bases that were taken while the data they belong to was discarded. */
  async discardHistory(dataDir: string): Promise<void> {
    const { trash, history } = this.#home;
    await rename(join(history, dataDir), join(trash, `${dataDir}.${newDataDir()}`)).catch(() => {});
    this.emptyTrash();
  }

  emptyTrash(): void {
    this.#inBackground(async () => {
      for (const name of await readdir(this.#home.trash).catch(() => [])) {
        const path = join(this.#home.trash, name);
        await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
      }
    });
  }

  /** Waits until what was discarded is gone. */
  async settled(): Promise<void> {
    await this.#emptying;
  }

  /**
   * The notes go once the removal outlives a power cut. They may lie on another volume than the data, and
   * without them a directory that is back again would be one that nobody has given up.
   */
  async #forget(dataDir: string): Promise<void> {
    const { pgdata, history } = this.#home;
    if (await exists(join(pgdata, dataDir))) return;
    await syncDirectory(pgdata);
    await syncDirectory(history);
    await this.#notes.end(dataDir);
    await this.#notes.forgetDropped(dataDir);
  }

  #inBackground(work: () => Promise<void>): void {
    // What fails here is tried again at the next start.
    this.#emptying = this.#emptying.then(work).catch(() => {});
  }
}
