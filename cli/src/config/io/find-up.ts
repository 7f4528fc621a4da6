import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
/** The first of the names that is in the folder or the nearest one above it; stops at a checkout's top. */
export function nearest(from: string, names: string[]): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}
