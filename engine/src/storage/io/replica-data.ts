import { chown, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson, syncDirectory } from "../../lib/io/files.ts";
import { newDataDir } from "../../model/ids.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import type { Home } from "../home.ts";
import type { BranchData } from "./data-directories.ts";

/** In each of them: which data directory of a branch it is a copy of. */
const markName = "ds-replica.json";

/**
 * Data directories of read replicas, by their endpoints: `data/replicas/<endpoint>/`. Each can be made again from its branch at
 * any time, so none has a record, and one that nothing is known of is removed.
 */
export class ReplicaData {
  readonly #home: Home;
  readonly #data: BranchData;
  readonly #user: PostgresUser | undefined;

  constructor(home: Home, data: BranchData, user: PostgresUser | undefined) {
    this.#home = home;
    this.#data = data;
    this.#user = user;
  }

  path(endpointId: string): string {
    return join(this.#home.replicas, endpointId);
  }

  /** Whether there is one, and of that data directory. */
  async isOf(endpointId: string, dataDir: string): Promise<boolean> {
    const mark = join(this.path(endpointId), markName);
    const found = await readJson<{ of?: unknown } | null>(mark).catch(() => undefined);
    return found?.of === dataDir;
  }

  /** Makes a fork, which nothing refers to yet, the endpoint's: a server that is started on it follows its original. */
  async adopt(endpointId: string, fork: { dataDir: string; copiedFrom: string }): Promise<void> {
    const from = this.#data.path(fork.dataDir);
    try {
      await this.#write(join(from, "standby.signal"), "");
      await this.#write(join(from, markName), JSON.stringify({ of: fork.copiedFrom }));
      await this.discard(endpointId);
      await rename(from, this.path(endpointId));
      await syncDirectory(this.#home.replicas);
    } catch (error) {
      await this.#data.discard(fork.dataDir);
      throw error;
    }
    await this.#data.notes.end(fork.dataDir);
  }

  /** Writes what its server logs in to the original with; nobody else can read it. */
  async writePassword(endpointId: string, line: string): Promise<string> {
    const path = join(this.path(endpointId), "ds-passfile");
    await this.#write(path, `${line}\n`);
    return path;
  }

  async discard(endpointId: string): Promise<void> {
    const to = join(this.#home.trash, `${endpointId}.${newDataDir()}`);
    await rename(this.path(endpointId), to).catch(() => {});
    this.#data.emptyTrash();
  }

  /** Removes those of endpoints that are gone, at a start. */
  async settle(isThere: (endpointId: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#home.replicas)) {
      if (!isThere(name)) await this.discard(name);
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await writeFile(path, text, { mode: 0o600 });
    if (this.#user) await chown(path, this.#user.uid, this.#user.gid);
  }
}
