import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { exists, removeFile, syncDirectory, writeFileAtomic } from "../../lib/io/files.ts";
import { firstRequiredSegment } from "../../postgres/io/control-file.ts";
import type { Home } from "../../storage/home.ts";
import { Notes } from "../../storage/io/step-notes.ts";
import type { BaseBackup } from "../retention.ts";
import { readBaseRecord } from "./base-records.ts";

/**
 * Bases of one data directory, oldest first:
 *
 *     data/history/<data dir>/<name>/       the copy
 *     data/history/<data dir>/<name>.json   its BaseBackup; written last, so that without it there is none
 */
export class BaseBackups {
  readonly #home: Home;
  readonly #notes: Notes;

  constructor(home: Home) {
    this.#home = home;
    this.#notes = new Notes(home);
  }

  path(dataDir: string, base?: BaseBackup): string {
    return base ? join(this.#home.history, dataDir, base.name) : join(this.#home.history, dataDir);
  }

  async bases(dataDir: string): Promise<BaseBackup[]> {
    const names = await readdir(this.path(dataDir)).catch(() => []);
    const bases: BaseBackup[] = [];
    for (const name of names.filter((name) => name.endsWith(".json"))) {
      const base = await readBase(this.path(dataDir), name);
      if (base) bases.push(base);
    }
    return bases.sort((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom));
  }

  /** Takes a copy that nothing refers to (a directory of pgdata/) in as a base. */
  async add(
    dataDir: string,
    copy: { path: string; name: string; validFrom: string; validFromLsn: string },
  ): Promise<void> {
    const base: BaseBackup = {
      name: copy.name,
      validFrom: copy.validFrom,
      validFromLsn: copy.validFromLsn,
      firstSegment: await firstRequiredSegment(copy.path),
    };
    await mkdir(this.path(dataDir), { recursive: true, mode: 0o711 });
    await rename(copy.path, this.path(dataDir, base));
    try {
      await syncDirectory(this.path(dataDir));
      await writeFileAtomic(`${this.path(dataDir, base)}.json`, `${JSON.stringify(base)}\n`);
    } catch (error) {
      await rename(this.path(dataDir, base), copy.path);
      throw error;
    }
  }

  /** Its description goes first: from then on it is no base. */
  async remove(dataDir: string, base: BaseBackup): Promise<void> {
    await this.#notes.begin(base.name);
    await removeFile(`${this.path(dataDir, base)}.json`);
    await rename(this.path(dataDir, base), join(this.#home.trash, base.name));
    await syncDirectory(this.path(dataDir));
    await this.#notes.end(base.name);
  }
}

/** The description in the file; undefined where it is not of a base that lies beside it. */
async function readBase(directory: string, file: string): Promise<BaseBackup | undefined> {
  const found = await readBaseRecord(join(directory, file));
  if (!("base" in found)) return undefined;
  return (await exists(join(directory, found.base.name))) ? found.base : undefined;
}
