import { randomBytes } from "node:crypto";
import { link, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../../runtime/io/home-folder.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

const shortest = 16;

/**
 * The secret that masks are made with: from the environment, or one made once for this home. A secret that
 * stays keeps masks the same from one refresh to the next, so that a bookmark of a masked user still leads
 * to the same one; whoever refreshes from several machines sets the variable.
 */
export async function maskKey(
  { env, home }: Pick<Runtime, "env" | "home">,
  variable: string,
): Promise<{ key: string; from: string }> {
  const given = env[variable]?.trim();
  if (given) {
    if (given.length < shortest) {
      throw new DsError(
        "CONFIG_INVALID",
        `${variable} is too short: masks need ${shortest} characters`,
        {
          hint: `A good one: export ${variable}=$(openssl rand -hex 32)`,
        },
      );
    }
    return { key: given, from: variable };
  }
  const path = join(await homeFolder(home, "refresh"), "mask-key");
  return { key: (await read(path)) ?? (await make(path)), from: path };
}

const read = async (path: string) =>
  (await readFile(path, "utf8").catch(() => undefined))?.trim() || undefined;

/** A link fails where the file exists: of two that make one at the same time, both use the first. */
async function make(path: string): Promise<string> {
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFileAtomic(draft, `${randomBytes(32).toString("hex")}\n`);
  await link(draft, path).catch(() => {});
  await rm(draft, { force: true });
  const key = await read(path);
  if (key === undefined) {
    throw new DsError(
      "FILE_NOT_WRITABLE",
      `${path} cannot be read, and it has the secret of the masks`,
    );
  }
  return key;
}
