import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";

/** What a compiled form depends on: files with the hash of each; null for one that is not there, and would count. */
export type SourceHashes = Record<string, string | null>;

export const digest = (text: string | Uint8Array) =>
  createHash("sha256").update(text).digest("hex");

/** Of these files, and of those that say how they are read. */
export function hashSources(paths: readonly string[]): SourceHashes {
  return Object.fromEntries(
    [...paths, ...settingsAround(paths)].map((path) => [path, hashOf(path)]),
  );
}

export function areUnchanged(sources: SourceHashes): boolean {
  return Object.entries(sources).every(([path, hash]) => hashOf(path) === hash);
}

/** Before esbuild reads them, which would wait for a named pipe. */
export function refuseIrregularSettings(file: string): void {
  for (const path of settingsAround([file])) {
    try {
      readRegularFile(path);
    } catch (error) {
      if (error instanceof DsError) throw error;
    }
  }
}

/** Files that say how others are read: what a package's files are, and where its imports lead. */
const settingFiles = ["package.json", "tsconfig.json", "jsconfig.json"];

/** Those of the files' folders and of all above them, in the checkout; also where there are none yet. */
function settingsAround(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  for (const path of paths) {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const isKnown = found.has(join(folder, settingFiles[0] as string));
      for (const name of settingFiles) found.add(join(folder, name));
      if (isKnown || existsSync(join(folder, ".git")) || dirname(folder) === folder) break;
    }
  }
  // A Set grows while it is gone through: what an extended one extends is found, too.
  for (const path of found) for (const other of extended(path)) found.add(other);
  return found;
}

/** The files that a tsconfig takes over; one of a package changes with package.json. */
function extended(path: string): string[] {
  if (basename(path) === "package.json") return [];
  const value = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(textOf(path))?.[1] ?? "";
  return [...value.matchAll(/"(\.[^"]*)"/g)].map(([, name = ""]) =>
    resolve(dirname(path), name.endsWith(".json") ? name : `${name}.json`),
  );
}

function textOf(path: string): string {
  try {
    return readRegularFile(path)?.toString("utf8") ?? "";
  } catch {
    return "";
  }
}

/** Null where there is no such file. */
function hashOf(path: string): string | null {
  try {
    const content = readRegularFile(path);
    return content === undefined ? null : digest(content);
  } catch {
    return null;
  }
}
