import { type EngineError, unprocessable } from "../lib/engine-error.ts";

/** A file of an archive or a folder that an extension is taken from. */
export interface SourceEntry {
  /** With `/` between its parts, relative to the top. */
  path: string;
  bytes: number;
  /** `link`: a symbolic one; `other`: a hard link, a device ... */
  kind: "file" | "link" | "other";
  /** Its contents; of a link the path that it leads to. */
  read(): Promise<Buffer>;
}

/** No archive, no file of it and no extension is larger than this. */
export const largestBytes = 256 * 1024 * 1024;
export const mostEntries = 100_000;

export const unreadable = (what: string): EngineError =>
  unprocessable("EXTENSION_SOURCE_UNREADABLE", what);

export const unsafe = (what: string): EngineError => unprocessable("EXTENSION_SOURCE_UNSAFE", what);

/** The path of an entry, without `./` before it. Refuses one that leads out of its folder, on any system. */
export function entryPath(text: string): string {
  const path = text.replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
  const isOutside =
    /^[\\/]|^[A-Za-z]:|\\/.test(path) ||
    /\p{Cc}/u.test(path) ||
    path.split("/").some((part) => part === "..");
  if (isOutside) {
    throw unsafe(`the archive has a file outside of its folder: ${JSON.stringify(text)}`);
  }
  return path;
}

/** Refuses what no package has: too many entries, two of one path, sizes that would fill the disk. */
export function checkEntries(entries: readonly SourceEntry[]): void {
  if (entries.length > mostEntries) throw unsafe(`it has more than ${mostEntries} files`);
  const paths = new Set<string>();
  for (const { path } of entries) {
    if (paths.has(path)) throw unsafe(`it has two files called ${path}`);
    paths.add(path);
  }
}

/** Of a file that is wanted. */
export function checkWanted(entries: readonly SourceEntry[]): void {
  let sum = 0;
  for (const { path, bytes, kind } of entries) {
    if (kind !== "file") throw unsafe(`${path} is a link, or no file at all`);
    sum += bytes;
  }
  if (sum > largestBytes) throw unsafe(`its files are larger than ${largestBytes} bytes`);
}
