import { existsSync, lstatSync } from "node:fs";
import { dirname, join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";

/** The first of the names that is in the folder or the nearest one above it; stops at a checkout's top. */
export function nearest(
  from: string,
  names: readonly string[],
  isThere: (path: string) => boolean = existsSync,
): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find(isThere);
    if (found !== undefined) return found;
    if (existsSync(join(folder, ".git")) || dirname(folder) === folder) return undefined;
  }
}

/** The same for a file that is to be read: a link to nowhere, or a named pipe, is not passed over but refused. */
export function nearestFile(from: string, names: readonly string[]): string | undefined {
  const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const found = nearest(from, names, isThere);
  try {
    if (found !== undefined) readRegularFile(found);
  } catch (error) {
    // What else keeps it from being read is told by who reads it.
    if (error instanceof DsError) throw error;
  }
  return found;
}
