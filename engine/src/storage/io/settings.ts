import { link, readFile, unlink } from "node:fs/promises";
import { errnoOf, exists, isMissing, readJson, writeFileAtomic } from "../../lib/io/files.ts";
import { findRememberedPort } from "../../lib/io/ports.ts";
import { StartError } from "../../lib/start-error.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import { newSecret } from "../../model/ids.ts";
import type { Home } from "../home.ts";
import type { Damage } from "../home-damage.ts";
import { misfit, settings } from "../record-schemas.ts";
import { refuseDamages } from "./refuse-damages.ts";

export interface Settings {
  homeId: string;
  /** Of the API; kept, so that a shell which has NEON_API_HOST set stays right. */
  port?: number;
  /** What data/ was found to be capable of; for a start at which it is too full to be tried. */
  cloneMethod?: CloneMethod;
  /** Set when data/ is a volume of its own, mounted from this image file. */
  volume?: {
    image: string;
    filesystem: "xfs" | "btrfs";
    /** What was in data/ before is copied there, and not removed yet. */
    isMoving?: boolean;
  };
}

export async function readSettings(home: Home): Promise<Settings> {
  const damage = await settingsDamage(home);
  if (damage) refuseDamages([damage]);
  return (await readJson<Settings>(home.settingsFile)) ?? { homeId: newSecret().slice(0, 16) };
}

/** What is wrong with the settings; undefined also where there are none yet. */
export async function settingsDamage(home: Home): Promise<Damage | undefined> {
  const path = home.settingsFile;
  let found: unknown;
  try {
    found = await readJson<unknown>(path);
  } catch (error) {
    return { kind: "unreadable", path, says: `cannot be read (${(error as Error).message})` };
  }
  if (found === undefined) {
    const image = volumeImage(home);
    if (!(await exists(image))) return undefined;
    return { kind: "missing-record", path, says: `is missing; ${image} holds the branches` };
  }
  const wrong = misfit(settings, found);
  return wrong ? { kind: "malformed", path, says: `has no settings (${wrong})` } : undefined;
}

/** Of the volume that `ds engine volume create` makes. */
export const volumeImage = (home: Home): string => home.file("data.img");

/**
 * The home's settings, made on first use. Whoever makes them chooses the port, and two that start at
 * the same moment agree: a link to a finished file can be made only once.
 */
export async function claimSettings(home: Home, wantedPort: number | undefined): Promise<Settings> {
  const known = await readSettings(home);
  if (known.port) return known;
  const port = wantedPort || (await findRememberedPort(new Set()));
  const temporary = `${home.settingsFile}.${process.pid}.tmp`;
  await writeFileAtomic(temporary, `${JSON.stringify({ ...known, port }, null, 2)}\n`);
  try {
    await link(temporary, home.settingsFile);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  } finally {
    await unlink(temporary);
  }
  return readSettings(home);
}

export async function writeSettings(home: Home, changed: Settings): Promise<void> {
  await writeFileAtomic(home.settingsFile, `${JSON.stringify(changed, null, 2)}\n`);
}

/** The secret in a file, made on first use. */
export async function ensureSecret(path: string, prefix = ""): Promise<string> {
  try {
    const secret = (await readFile(path, "utf8")).trim();
    if (secret === "") refuseDamages([{ kind: "missing-secret", path, says: "is empty" }]);
    return secret;
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (!isMissing(error)) {
      const says = `cannot be read (${(error as Error).message})`;
      refuseDamages([{ kind: "unreadable", path, says }]);
    }
  }
  const secret = prefix + newSecret();
  await writeFileAtomic(path, `${secret}\n`, 0o600);
  return secret;
}
