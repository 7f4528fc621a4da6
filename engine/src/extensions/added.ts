import { delimiter, join } from "node:path";

/** Where an extension was taken from, for people; `archiveSha256` of the archive, where it is one of a known source. */
export interface ExtensionOrigin {
  from: string;
  licence?: string | undefined;
  archiveSha256?: string | undefined;
}

/** An extension that was added to the engine's Postgres; `extension.json` in its folder. */
export interface AddedExtension extends ExtensionOrigin {
  name: string;
  /** That `create extension` makes. */
  version: string;
  /** Of PostgreSQL. */
  major: number;
  /** Of all its files. */
  bytes: number;
  /** The folder of its files, beside `extension.json`; with `share/extension` and `lib`. */
  folder: string;
  /** Of all its files: the same files have the same one. */
  sha256: string;
  addedAt: string;
}

/**
 * What Postgres is started with, so that it finds extensions in these folders besides its own (PostgreSQL 18).
 *
 * @param ownPath `extension_control_path` without them; undefined: Postgres' own
 */
export function librarySettings(
  ownPath: string | undefined,
  folders: readonly string[],
): Record<string, string> {
  const list = (first: string, part: string) =>
    [first, ...folders.map((folder) => join(folder, part))].join(delimiter);
  if (folders.length === 0) return ownPath === undefined ? {} : { extension_control_path: ownPath };
  return {
    extension_control_path: list(ownPath ?? "$system", "share"),
    dynamic_library_path: list("$libdir", "lib"),
  };
}
