import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists, makeDirectory } from "../../lib/io/files.ts";
import type { Binaries } from "./binaries.ts";

/**
 * What Neon lets owners create although Postgres does not (compute-node.Dockerfile of neondatabase/neon). None of
 * them reads files or opens connections.
 */
const trustedOnNeon = [
  ...["autoinc", "bloom", "earthdistance", "insert_username", "intagg", "moddatetime"],
  ...["pg_stat_statements", "pgrowlocks", "pgstattuple", "refint", "xml2"],
];

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
  await Promise.all(
    trustedOnNeon.map(async (name) => {
      const control = await readFile(join(own, `${name}.control`), "utf8").catch(() => undefined);
      if (control === undefined) return;
      const text = `${control}\ntrusted = true\ndirectory = ${quoted(own)}\n`;
      const path = join(folder, "extension", `${name}.control`);
      const there = await readFile(path, "utf8").catch(() => undefined);
      if (there !== text) await writeFile(path, text, { mode: 0o644 });
    }),
  );
  return `${folder}${separator}$system`;
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
