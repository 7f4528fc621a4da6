import { dirname, join } from "node:path";
import type * as files from "../../lib/io/files.ts";
import type { PreparedFile } from "../../lib/io/files.ts";
import type { Journal } from "../catalog-change.ts";
import { readJournal } from "./read-journal.ts";

/** What is done to the disk; tests put a failing one in its place. */
export type Disk = Pick<
  typeof files,
  "prepareFile" | "syncDirectory" | "unlinkIfThere" | "makeDirectory"
>;

/**
 * Writes and removes files below a directory. A change of one file is one rename. A change of several
 * writes the journal first: from that rename on the change counts as made, and whoever finds a journal
 * carries it out again.
 */
export class JournaledFiles {
  readonly #directory: string;
  readonly #disk: Disk;

  constructor(directory: string, disk: Disk) {
    this.#directory = directory;
    this.#disk = disk;
  }

  /** Completes the change that a crash has cut off, if there is one. */
  async recover(): Promise<void> {
    const journal = await readJournal(this.#journalFile);
    if (!journal) return;
    const prepared = await this.#prepare(journal.writes);
    await this.#finish(journal, prepared);
  }

  /**
   * Does everything up to the one step that counts. When it throws, nothing has changed; all contents
   * are written before that step, so a full disk means that nothing changes, too. What it returns
   * brings the change to its end, without which it is not right on disk.
   */
  async begin(journal: Journal): Promise<() => Promise<void>> {
    const prepared = await this.#prepare(journal.writes);
    const isJournaled = changesSeveral(journal);
    try {
      if (isJournaled) await this.#announce(journal);
      else await this.#doOnly(journal, prepared);
    } catch (error) {
      for (const file of prepared) await file.drop();
      throw error;
    }
    return () => this.#finish(journal, isJournaled ? prepared : []);
  }

  #path(...parts: string[]): string {
    return join(this.#directory, ...parts);
  }

  get #journalFile(): string {
    return this.#path("journal.json");
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
  async #finish(journal: Journal, prepared: PreparedFile[]): Promise<void> {
    const { writes, removes } = journal;
    const isJournaled = changesSeveral(journal);
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
}

const changesSeveral = ({ writes, removes }: Journal) => writes.length + removes.length > 1;
