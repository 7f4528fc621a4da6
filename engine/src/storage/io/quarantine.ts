import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { exists, readJson, syncDirectory, writeFileAtomic } from "../../lib/io/files.ts";
import type { Home } from "../home.ts";
import { describeQuarantined, isOver, type Quarantined, type SetAside } from "../quarantined.ts";
import { readIdentity } from "./identity-file.ts";

/**
 * Data that no record refers to and no step accounts for. It is kept until a person removes it, or for 30
 * days:
 *
 *     data/quarantine/<id>/set-aside.json   when and why
 *     data/quarantine/<id>/pgdata/          the data directory
 *     data/quarantine/<id>/history/         its base backups, if it had any
 */
export class Quarantine {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  /** Cut off anywhere, the next start finds the rest where it was and goes on. */
  async setAside(name: string, from: { pgdata?: string; history?: string }, why: string) {
    const directory = join(this.#home.quarantine, name);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = join(directory, "set-aside.json");
    const at = new Date().toISOString();
    if (!(await exists(file))) await writeFileAtomic(file, `${JSON.stringify({ at, why })}\n`);
    for (const part of ["pgdata", "history"] as const) {
      const path = from[part];
      if (path === undefined || !(await exists(path))) continue;
      const to = join(directory, part);
      // Something of that name was set aside before: both are kept.
      await rename(path, (await exists(to)) ? `${to}.${Date.now()}` : to);
    }
    await syncDirectory(directory);
  }

  async list(): Promise<Quarantined[]> {
    const found: Quarantined[] = [];
    for (const name of await readdir(this.#home.quarantine).catch(() => [])) {
      const directory = join(this.#home.quarantine, name);
      const note = await this.#note(directory);
      const identity = await readIdentity(join(directory, "pgdata"));
      found.push(describeQuarantined(name, directory, note, identity));
    }
    return found;
  }

  /** What has been there for 30 days goes to the trash; the names of it. */
  async expire(now: number): Promise<string[]> {
    const over = (await this.list()).filter((entry) => isOver(entry, now));
    for (const { name } of over) await this.remove(name);
    return over.map(({ name }) => name);
  }

  /** False where there is nothing of that name. */
  async remove(name: string): Promise<boolean> {
    const entry = (await this.list()).find((found) => found.name === name);
    if (!entry) return false;
    await rename(entry.path, join(this.#home.trash, `${name}.quarantined`));
    return true;
  }

  /** One that has lost its note begins its 30 days anew. */
  async #note(directory: string): Promise<SetAside> {
    const file = join(directory, "set-aside.json");
    const note = await readJson<Partial<SetAside> | null>(file).catch(() => undefined);
    if (typeof note?.at === "string" && !Number.isNaN(Date.parse(note.at))) {
      return { at: note.at, why: String(note.why) };
    }
    const fresh = { at: new Date().toISOString(), why: "nothing refers to it" };
    await writeFileAtomic(file, `${JSON.stringify(fresh)}\n`).catch(() => {});
    return fresh;
  }
}
