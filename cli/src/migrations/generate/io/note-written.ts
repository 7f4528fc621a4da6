import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { shownPath } from "../../../lib/format/shown-path.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

/** Notes, for an interrupt, which files the work has written into the folder. */
export async function noteWritten<T>(
  { cwd, output: { changes } }: Pick<Runtime, "cwd" | "output">,
  folder: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = new Set(filesIn(folder));
  const key = Symbol();
  changes.set(key, `${shownPath(folder, cwd)} may have new files`, "unknown");
  try {
    return await work();
  } finally {
    const written = filesIn(folder).filter((file) => !before.has(file));
    if (written.length === 0) changes.drop(key);
    else {
      const shown = written.map((file) => shownPath(join(folder, file), cwd));
      changes.set(key, `${shown.join(", ")} ${shown.length === 1 ? "was" : "were"} written`);
    }
  }
}

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    : [];
