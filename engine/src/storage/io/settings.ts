import { constants } from "node:fs";
import { link, open, unlink } from "node:fs/promises";
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
  /** Bin directories of other versions of Postgres than the engine's own, by their number. */
  postgres?: Record<string, string>;
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
  await writeOnce(home.settingsFile, `${JSON.stringify({ ...known, port }, null, 2)}\n`);
  return readSettings(home);
}

/** Of two that write a file for the first time, the first counts. */
async function writeOnce(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFileAtomic(temporary, text, 0o600);
  try {
    await link(temporary, path);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  } finally {
    await unlink(temporary);
  }
}

async function readSecret(path: string, remedy: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    if (isMissing(error)) return undefined;
    throw new StartError("CONFIG_INVALID", `${path} cannot be read: ${error.message}.`, remedy);
  });
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    const isOwn = [0, process.geteuid?.()].includes(stats.uid);
    if (!stats.isFile() || !isOwn || (stats.mode & 0o077) !== 0) {
      throw new StartError(
        "CONFIG_INVALID",
        `${path} has to be a file that only you can read.`,
        `Check who has had access to it. Then: chown ${process.geteuid?.()} ${path}; chmod 600 ${path}`,
      );
    }
    const secret = (await file.readFile("utf8")).trim();
    if (/^[!-~]{16,}$/.test(secret)) return secret;
    throw new StartError(
      "CONFIG_INVALID",
      `${path} is ${secret === "" ? "empty" : "damaged"}.`,
      remedy,
    );
  } finally {
    await file.close();
  }
}

export async function writeSettings(home: Home, changed: Settings): Promise<void> {
  await writeFileAtomic(home.settingsFile, `${JSON.stringify(changed, null, 2)}\n`);
}

/**
 * The secret in a file, made on first use. Refuses to start with one that is damaged, or that others can read.
 *
 * @param remedy what to do about a damaged one
 */
export async function ensureSecret(path: string, remedy: string, prefix = ""): Promise<string> {
  const known = await readSecret(path, remedy);
  if (known !== undefined) return known;
  const secret = prefix + newSecret();
  await writeOnce(path, `${secret}\n`);
  return (await readSecret(path, remedy)) ?? secret;
}
