import { execFileSync } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Files of a home of which the engine makes something, without what lies in data directories and templates. */
export function filesOf(home: string): string[] {
  const left = ["postgres", "logs", "engine.log", "data/template", "data/trash"];
  const walk = (at: string): string[] =>
    readdirSync(join(home, at), { withFileTypes: true }).flatMap((entry) => {
      const path = join(at, entry.name);
      if (left.includes(path)) return [];
      if (isDataDirectory(join(home, path)))
        return [join(path, "PG_VERSION"), ...identityIn(home, path)];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk("").sort();
}

const isDataDirectory = (path: string) => existsSync(join(path, "global", "pg_control"));

function identityIn(home: string, path: string): string[] {
  const file = join(path, "ds-identity.json");
  return existsSync(join(home, file)) ? [file] : [];
}

/** Every data directory, bases included, by its name. */
export function dataIn(home: string): string[] {
  const walk = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isDirectory()) return [];
      const at = join(path, entry.name);
      if (!isDataDirectory(at)) return walk(at);
      return [entry.name === "pgdata" ? (path.split("/").at(-1) as string) : entry.name];
    });
  const places = ["pgdata", "history", "quarantine"].map((place) => join(home, "data", place));
  return places.flatMap(walk).sort();
}

type Damage = (path: string, other: string) => void;

/** Ways in which a file is lost; `other` is another file of its kind. */
export const damages: Record<string, Damage> = {
  removed: (path) => rmSync(path),
  emptied: (path) => truncateSync(path),
  truncated: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  "made null": (path) => writeFileSync(path, "null"),
  "made {}": (path) => writeFileSync(path, "{}"),
  "made a directory": (path) => {
    rmSync(path);
    execFileSync("mkdir", [path]);
  },
  swapped: (path, other) => {
    renameSync(path, `${path}.swap`);
    renameSync(other, path);
    renameSync(`${path}.swap`, other);
  },
};

/** Another file of the same kind: in the same folder, or by the same name in the folder beside. */
export function otherOf(path: string, files: readonly string[]): string | undefined {
  const [folder, name] = [path.split("/").slice(0, -1).join("/"), path.split("/").at(-1)];
  const beside = folder.split("/").slice(0, -1).join("/");
  return (
    files.find(
      (other) => other !== path && other.startsWith(`${beside}/`) && other.endsWith(`/${name}`),
    ) ?? files.find((other) => other !== path && other.split("/").slice(0, -1).join("/") === folder)
  );
}

/** A copy of a home, with owners, that nothing shares with the first one. */
export function copyHome(from: string, to: string): void {
  execFileSync("cp", ["-a", "--reflink=auto", from, to]);
}
