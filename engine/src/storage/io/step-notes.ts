import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unlinkIfThere } from "../../lib/io/files.ts";
import type { StepNotes } from "../data-check.ts";
import type { Home } from "../home.ts";

/**
 * Which data directories belong to a step that has not ended. Only these are removed at a start: what no
 * record refers to and no note names is set aside.
 *
 * A note of something unfinished is made before the first file and not synced: where a power cut takes it,
 * what was made is set aside, which is the safe side.
 */
export class Notes {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  async begin(dataDir: string): Promise<void> {
    await writeFile(join(this.#home.unfinished, dataDir), "", { mode: 0o600 });
  }

  /** It is in use now, or gone. */
  async end(dataDir: string): Promise<void> {
    await unlinkIfThere(join(this.#home.unfinished, dataDir));
  }

  /** The data that a change has given up is gone for good. */
  async forgetDropped(dataDir: string): Promise<void> {
    await unlinkIfThere(join(this.#home.dropped, `${dataDir}.json`));
  }

  async read(): Promise<StepNotes> {
    const dropped = await readdir(this.#home.dropped);
    const isNote = (name: string) => /^[a-z0-9-]+\.json$/.test(name);
    return {
      dropped: new Set(dropped.filter(isNote).map((name) => name.slice(0, -".json".length))),
      unfinished: new Set(await readdir(this.#home.unfinished)),
    };
  }
}
