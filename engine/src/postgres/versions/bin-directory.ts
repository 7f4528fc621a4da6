import { newestMajor, oldestMajor } from "../version-features.ts";

/** What a person has named as the bin directory of a PostgreSQL, as it was found. */
export interface FoundDirectory {
  path: string;
  /** Of the directory and the programs in it that are run; undefined: that one is not there. */
  parts: ({ name: string; uid: number; mode: number } | undefined)[];
}

/** Who may have written programs that the engine runs: root, and whoever runs the engine. */
export function directoryRefusal(found: FoundDirectory, ownUid: number): string | undefined {
  const { path, parts } = found;
  if (parts.includes(undefined)) {
    return `${path} is not the bin directory of a PostgreSQL: it has to hold postgres and initdb`;
  }
  const others = parts.find((part) => part && ![0, ownUid].includes(part.uid));
  if (others) return `${others.name} belongs to another user`;
  const open = parts.find((part) => part && (part.mode & 0o002) !== 0);
  return open && `${open.name} can be written by everybody`;
}

/** Whether a server of the version can be had beside the engine's own; why not. */
export function versionRefusal(
  found: { major: number; version: string },
  { wanted, own }: { wanted: number; own: number },
): string | undefined {
  const { major, version } = found;
  if (major !== wanted) return `it is PostgreSQL ${version}, not ${wanted}`;
  if (major === own) {
    return `the engine's own Postgres is ${own} already; DS_POSTGRES_BIN names another`;
  }
  if (major >= oldestMajor && major <= newestMajor) return undefined;
  return `it is PostgreSQL ${version}; projects can have ${oldestMajor} to ${newestMajor}`;
}
