import { link, readFile, unlink } from "node:fs/promises";
import { errnoOf, isMissing, readJson, writeFileAtomic } from "../../lib/io/files.ts";
import { findRememberedPort } from "../../lib/io/ports.ts";
import { StartError } from "../../lib/start-error.ts";
import type { CloneMethod } from "../../model/clone-method.ts";
import { newSecret } from "../../model/ids.ts";
import type { Home } from "../home.ts";

export interface Settings {
  homeId: string;
  /** Of the API; kept, so that a shell which has NEON_API_HOST set stays right. */
  port?: number;
  /** What data/ was found to be capable of; for a start at which it is too full to be tried. */
  cloneMethod?: CloneMethod;
  /** Set when data/ is a volume of its own, mounted from this image file. */
  volume?: { image: string; filesystem: "xfs" | "btrfs" };
}

export async function readSettings(home: Home): Promise<Settings> {
  let settings: Settings | undefined;
  try {
    settings = await readJson<Settings>(home.settingsFile);
  } catch {
    throw new StartError(
      "CONFIG_INVALID",
      `${home.settingsFile} is not valid JSON.`,
      "Mend it, or remove it: only the remembered port is lost.",
    );
  }
  return settings ?? { homeId: newSecret().slice(0, 16) };
}

/**
 * The home's settings, made on first use. Whoever makes them chooses the port, and two that start at
 * the same moment agree: a link to a finished file can be made only once.
 */
export async function claimSettings(home: Home, wantedPort: number | undefined): Promise<Settings> {
  const settings = await readSettings(home);
  if (settings.port) return settings;
  const port = wantedPort || (await findRememberedPort(new Set()));
  const temporary = `${home.settingsFile}.${process.pid}.tmp`;
  await writeFileAtomic(temporary, `${JSON.stringify({ ...settings, port }, null, 2)}\n`);
  try {
    await link(temporary, home.settingsFile);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  } finally {
    await unlink(temporary);
  }
  return readSettings(home);
}

export async function writeSettings(home: Home, settings: Settings): Promise<void> {
  await writeFileAtomic(home.settingsFile, `${JSON.stringify(settings, null, 2)}\n`);
}

/** The secret in a file, made on first use. */
export async function ensureSecret(path: string, prefix = ""): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const secret = prefix + newSecret();
  await writeFileAtomic(path, `${secret}\n`, 0o600);
  return secret;
}
