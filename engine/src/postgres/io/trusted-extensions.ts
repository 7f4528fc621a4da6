import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists, makeDirectory } from "../../lib/io/files.ts";
import type { Binaries } from "./binaries.ts";

/**
 * What Neon lets owners create although Postgres does not (compute-node.Dockerfile of neondatabase/neon). None of
 * them reads files; dblink and postgres_fdw open connections, for owners only with a password of their own.
 */
const trustedOnNeon = [
  ...["autoinc", "bloom", "dblink", "earthdistance", "insert_username", "intagg", "moddatetime"],
  ...["pg_prewarm", "pg_stat_statements", "pgrowlocks", "pgstattuple", "postgres_fdw", "refint"],
  "xml2",
];

/** What an extension's script needs at its end, so that who created it may use what the superuser owns. */
const grants: Record<string, string> = {
  postgres_fdw:
    "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO neon_superuser WITH GRANT OPTION;",
};

/** Separates the folders of `extension_control_path`. */
const separator = ":";

/**
 * Writes control files that call these extensions trusted; their scripts and libraries stay the server's own.
 *
 * @param directory the home's, for unpacked servers
 * @returns the value of `extension_control_path`, or undefined where the server's own files are not found
 */
export async function trustExtensions(
  directory: string,
  binaries: Binaries,
): Promise<string | undefined> {
  const own = await ownExtensions(binaries);
  const folder = join(directory, `trusted-${binaries.version}`);
  if (own === undefined || folder.includes(separator)) return undefined;
  await makeDirectory(folder, 0o755);
  await makeDirectory(join(folder, "extension"), 0o755);
  await Promise.all(trustedOnNeon.map((name) => trust(name, own, join(folder, "extension"))));
  return `${folder}${separator}$system`;
}

async function trust(name: string, own: string, folder: string): Promise<void> {
  const control = await readFile(join(own, `${name}.control`), "utf8").catch(() => undefined);
  if (control === undefined) return;
  const scripts = grants[name] === undefined ? own : folder;
  const text = `${control}\ntrusted = true\ndirectory = ${quoted(scripts)}\n`;
  await writeChanged(join(folder, `${name}.control`), text);
  if (scripts === own) return;
  for (const file of await readdir(own)) {
    if (!file.startsWith(`${name}--`) || !file.endsWith(".sql")) continue;
    const script = await readFile(join(own, file), "utf8");
    // Those with one version in their name make the extension; the others update it.
    const isFirst = file.split("--").length === 2;
    await writeChanged(join(folder, file), isFirst ? `${script}\n${grants[name]}\n` : script);
  }
}

async function writeChanged(path: string, text: string): Promise<void> {
  const there = await readFile(path, "utf8").catch(() => undefined);
  if (there !== text) await writeFile(path, text, { mode: 0o644 });
}

/** Where an installed server has them depends on how it was built. */
async function ownExtensions({ bin, major }: Binaries): Promise<string | undefined> {
  const prefix = dirname(bin);
  const places = ["share/postgresql", "share"].map((share) => join(prefix, share));
  for (const place of [...places, `/usr/share/postgresql/${major}`]) {
    const folder = join(place, "extension");
    if (await exists(join(folder, "plpgsql.control"))) return folder;
  }
  return undefined;
}

/** As configuration files of Postgres quote. */
const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
