import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/files.ts";
import type { Identity } from "../../model/identity.ts";
import { misfit, recordVersion, identity as schema } from "../record-schemas.ts";

/** In each data directory of a branch or a snapshot; copies of the directory do not have it. */
export const identityName = "ds-identity.json";

/** Undefined where there is none, or none that can be made use of. */
export async function readIdentity(directory: string): Promise<Identity | undefined> {
  try {
    // The directory is Postgres' own: a link there must not lead to another file.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
    const file = await open(join(directory, identityName), flags);
    try {
      const { version, ...found } = JSON.parse(await file.readFile("utf8"));
      if (version !== recordVersion || misfit(schema, found) !== undefined) return undefined;
      return found as Identity;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

export async function writeIdentity(directory: string, identity: Identity): Promise<void> {
  const content = { version: recordVersion, ...identity };
  await writeFileAtomic(join(directory, identityName), `${JSON.stringify(content, null, 2)}\n`);
}
