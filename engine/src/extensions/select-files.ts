import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import { checkWanted, type SourceEntry, unsafe } from "./entry.ts";

/** How the system calls a module (PostgreSQL's DLSUFFIX). */
export const moduleSuffix = (platform: string): string =>
  platform === "darwin" ? ".dylib" : platform === "win32" ? ".dll" : ".so";

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0));

/** The control file of an extension and its scripts, which lie beside it. */
export function findScripts(
  entries: readonly SourceEntry[],
  name: string,
  major: number,
): { control: SourceEntry; scripts: SourceEntry[] } {
  const named = entries.filter(({ path }) => nameOf(path) === `${name}.control`);
  const fitting = named.filter(({ path }) => isOfMajor(folderOf(path), major));
  const [control, ...more] = fitting.length > 0 ? fitting : named;
  if (control === undefined) {
    throw notThere(`it has no ${name}.control, and so not the extension ${name}`);
  }
  if (more.length > 0) {
    const folders = [control, ...more].map(({ path }) => folderOf(path) || ".");
    throw notThere(`it has the extension ${name} more than once: in ${folders.join(", ")}`);
  }
  const folder = folderOf(control.path);
  const scripts = entries.filter(({ path }) => {
    const file = nameOf(path);
    return (
      folderOf(path) === folder && file.startsWith(`${name}--`) && /\.(sql|control)$/.test(file)
    );
  });
  checkWanted([control, ...scripts.filter(({ kind }) => kind !== "link")]);
  return { control, scripts };
}

/**
 * The script beside a link that it leads to, by its name; PostGIS has one update script under a hundred names. Refuses
 * a link to anything else.
 */
export function linkedScript(
  link: SourceEntry,
  target: string,
  scripts: readonly SourceEntry[],
): string {
  const isBeside = scripts.some(({ path, kind }) => kind === "file" && nameOf(path) === target);
  if (!isBeside) throw unsafe(`${link.path} is a link to something else than a script beside it`);
  return target;
}

/** Packages for several versions have a folder for each: `postgresql/18/extension`, `pginstall18/share`. */
const isOfMajor = (folder: string, major: number): boolean =>
  folder.split("/").some((part) => new RegExp(`(^|\\D)${major}$`).test(part));

/** The file of a module; undefined where there is none. Of several the one nearest to the control file counts. */
export function findModule(
  entries: readonly SourceEntry[],
  file: string,
  control: SourceEntry,
): SourceEntry | undefined {
  const named = entries.filter(({ path }) => nameOf(path) === file);
  const nearness = new Map(named.map((entry) => [entry, sharedParts(entry.path, control.path)]));
  const nearest = Math.max(0, ...nearness.values());
  const [found, ...more] = named.filter((entry) => nearness.get(entry) === nearest);
  if (more.length > 0) {
    throw notThere(`it has ${file} more than once: ${named.map(({ path }) => path).join(", ")}`);
  }
  return found;
}

function sharedParts(one: string, other: string): number {
  const parts = other.split("/");
  const at = one.split("/").findIndex((part, index) => part !== parts[index]);
  return at < 0 ? parts.length : at;
}

export const notThere = (what: string): EngineError =>
  unprocessable("EXTENSION_NOT_IN_SOURCE", what);
