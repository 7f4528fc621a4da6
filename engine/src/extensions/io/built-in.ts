import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Names of the extensions that a Postgres has by itself: those of its share folder, which pg_config tells where it is
 * installed. None where that is not known; adding one is refused all the same, as its trial shows it.
 */
export async function builtInExtensions(bin: string): Promise<string[]> {
  const usual = join(bin, "..", "share", "postgresql");
  const share = await run(join(bin, "pg_config"), ["--sharedir"]).then(
    ({ stdout }) => stdout.trim(),
    () => usual,
  );
  const files = await readdir(join(share, "extension")).catch(() => []);
  return files
    .flatMap((file) => /^(.+)\.control$/.exec(file)?.[1] ?? [])
    .filter((name) => !name.includes("--"))
    .sort();
}
