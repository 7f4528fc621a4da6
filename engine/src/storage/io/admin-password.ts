import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/files.ts";
import { newSecret } from "../../model/ids.ts";
import type { Home } from "../home.ts";
import type { Damage } from "../home-damage.ts";
import { refuseDamages } from "./refuse-damages.ts";

/** All data directories know this one password, so a second copy of it lies beside them. */
export const adminPasswordCopy = (home: Home): string => join(home.data, "admin-password");

/** The password of the engine's own superuser, made with the first start of a home. */
export async function ensureAdminPassword(home: Home): Promise<string> {
  const { password, copy, damage } = await readAdminPassword(home);
  if (damage) refuseDamages([damage]);
  const known = password ?? newSecret();
  if (!password) await writeFileAtomic(home.adminPasswordFile, `${known}\n`);
  if (copy !== known) await writeFileAtomic(adminPasswordCopy(home), `${known}\n`);
  return known;
}

interface FoundPassword {
  password?: string | undefined;
  /** What lies beside the data, where it is whole. */
  copy?: string | undefined;
  damage?: Damage;
}

/** Both copies, and what is wrong with the first one. */
export async function readAdminPassword(home: Home): Promise<FoundPassword> {
  const path = home.adminPasswordFile;
  const [own, copy] = await Promise.all([secretIn(path), secretIn(adminPasswordCopy(home))]);
  const damaged = (says: string): FoundPassword => ({
    ...(copy.secret ? { copy: copy.secret } : {}),
    damage: { kind: "missing-secret", path, says },
  });
  if (own.secret && copy.secret && own.secret !== copy.secret) {
    return damaged(`is another password than ${adminPasswordCopy(home)}, which lies with the data`);
  }
  if (own.secret) return { password: own.secret, copy: copy.secret };
  if (own.isThere) return damaged("does not hold the engine's password");
  const hasData = (await Promise.all([home.pgdata, home.templates].map(entries))).some(Boolean);
  return hasData || copy.secret ? damaged("is missing; the data directories know it") : {};
}

async function secretIn(path: string): Promise<{ isThere: boolean; secret?: string }> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) =>
    error.code === "ENOENT" ? undefined : "",
  );
  const secret = text?.trim() ?? "";
  // As `newSecret` makes them.
  return { isThere: text !== undefined, ...(/^[\w-]{43}$/.test(secret) ? { secret } : {}) };
}

async function entries(directory: string): Promise<number> {
  return (await readdir(directory).catch(() => [])).length;
}
