import { chown, copyFile, link, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as disk from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";
import { newSecret } from "../../model/ids.ts";
import { damagedBases, repairOfBase } from "../../pitr/io/base-records.ts";
import type { Home } from "../../storage/home.ts";
import type { Damage } from "../../storage/home-damage.ts";
import { adminPasswordCopy, readAdminPassword } from "../../storage/io/admin-password.ts";
import { JournaledFiles } from "../../storage/io/journaled-files.ts";
import { filesForFolders } from "../../storage/io/prepare-home.ts";
import { readRecordFiles } from "../../storage/io/record-files.ts";
import { settingsDamage, volumeImage } from "../../storage/io/settings.ts";
import { Notes } from "../../storage/io/step-notes.ts";
import { recordVersion } from "../../storage/record-schemas.ts";
import { planRepair, type Repair } from "../../storage/repair-plan.ts";
import { placesOf, readData } from "./check-home.ts";
import { clustersToRenew, renewPassword } from "./renew-password.ts";

/** What is to be done about a damaged home, and what only a person can. */
export interface RepairPlan {
  repairs: { path: string; says: string }[];
  left: { path: string; says: string }[];
}

/**
 * Looks at a home that no engine serves. With `apply`, each repair is made as well: what it replaces is kept
 * in `quarantine/`, and nothing is deleted. Cut off anywhere, the next repair goes on.
 */
export async function repairHome(home: Home, apply: boolean): Promise<RepairPlan> {
  return made(home, await repairsOf(home), apply);
}

/** Files in the place of the home's own folders, which are in the way of everything else. */
export async function repairFolders(home: Home, apply: boolean): Promise<RepairPlan> {
  const repairs = (await filesForFolders(home)).map(({ path, says }) => ({
    path,
    says: `Set aside ${path}: it ${says}`,
  }));
  return made(home, { repairs, left: [] }, apply);
}

async function made(home: Home, steps: Steps, apply: boolean): Promise<RepairPlan> {
  const aside = join(home.quarantinedRecords, new Date().toISOString().replaceAll(/[:.]/g, "-"));
  if (apply) {
    for (const step of steps.repairs) await carryOut(home, step, aside);
    if (steps.repairs.length > 0) await disk.syncDirectory(home.path);
  }
  const renewed = apply && steps.renews ? await newPassword(home, aside) : [];
  const told = ({ path, says }: { path: string; says: string }) => ({ path, says });
  const repairs = [...steps.repairs, ...(steps.renews ? [steps.renews] : [])].map(told);
  return { repairs, left: [...steps.left.map(told), ...renewed] };
}

interface Steps {
  repairs: Repair[];
  left: Damage[];
  /** The engine's own password is lost: after all else, a new one is set. */
  renews?: { path: string; says: string } | undefined;
}

async function newPassword(home: Home, aside: string): Promise<RepairPlan["left"]> {
  const { password, left } = await renewPassword(home);
  // The copy first: the other one can be made from it.
  for (const path of [adminPasswordCopy(home), home.adminPasswordFile]) {
    await carryOut(home, { path, says: "", text: `${password}\n` }, aside);
  }
  return left;
}

async function repairsOf(home: Home): Promise<Steps> {
  const settings = await settingsRepair(home);
  const journal = await journalRepair(home);
  const secrets = await secretRepairs(home);
  const directories = await readData(home);
  const version = directories.find((found) => found.version !== undefined)?.version;
  const notes = await new Notes(home).read();
  const bases = await Promise.all((await damagedBases(home, notes)).map(repairOfBase));
  const records = planRepair({
    files: await readRecordFiles(home.catalog),
    directories,
    notes,
    at: placesOf(home),
    pgVersion: version ?? 18,
    now: new Date().toISOString(),
  });
  return {
    repairs: [
      ...settings,
      ...journal,
      ...secrets.repairs,
      ...(await misplacedDirectories(home)),
      ...records.repairs,
      ...bases,
    ],
    left: records.left,
    renews: secrets.renews,
  };
}

async function settingsRepair(home: Home): Promise<Repair[]> {
  const damage = await settingsDamage(home);
  if (!damage) return [];
  const { path } = damage;
  const filesystem = await filesystemOf(volumeImage(home));
  if (!filesystem) {
    return [{ path, says: `Set aside ${path}: it ${damage.says}; the engine makes new settings` }];
  }
  const homeId = newSecret().slice(0, 16);
  const volume = { image: volumeImage(home), filesystem };
  const says = `Write new settings, with the volume ${volume.image}: ${path}`;
  return [{ path, says, text: `${JSON.stringify({ homeId, volume }, null, 2)}\n` }];
}

/** By what these file systems begin with; undefined where there is no image. */
async function filesystemOf(image: string): Promise<"xfs" | "btrfs" | undefined> {
  try {
    const file = await open(image, "r");
    try {
      const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0x10040);
      return buffer.toString("latin1") === "_BHRfS_M" ? "btrfs" : "xfs";
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Files that the engine makes anew by itself, where something else than a file is in their place. */
async function misplacedDirectories(home: Home): Promise<Repair[]> {
  const names = ["server.crt", "server.key", "made.json"].map((name) => join(home.tls, name));
  const repairs: Repair[] = [];
  for (const path of [...names, adminPasswordCopy(home)]) {
    const isDirectory = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isDirectory) repairs.push({ path, says: `Set aside ${path}: it is a directory` });
  }
  return repairs;
}

/** A journal that is whole is carried out, as at any start: its change counts. */
async function journalRepair(home: Home): Promise<Repair[]> {
  const path = join(home.catalog, "journal.json");
  try {
    await new JournaledFiles(home.catalog, disk).recover();
    return [];
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [{ path, says: `Set aside ${path}: the change in it cannot be completed` }];
  }
}

async function secretRepairs(home: Home): Promise<Pick<Steps, "repairs" | "renews">> {
  const repairs: Repair[] = [];
  let renews: Steps["renews"];
  const key = await readFile(home.apiKeyFile, "utf8").catch((error: NodeJS.ErrnoException) =>
    disk.errnoOf(error) === "ENOENT" ? "missing" : "",
  );
  if (key.trim() === "") {
    const says = `Set aside ${home.apiKeyFile}: it holds no key; the engine makes a new one`;
    repairs.push({ path: home.apiKeyFile, says });
  }
  const { copy, damage } = await readAdminPassword(home);
  if (damage && copy) {
    const says = `Restore the engine's own password from its copy with the data: ${damage.path}`;
    repairs.push({ path: damage.path, says, text: `${copy}\n` });
  } else if (damage) {
    const count = (await clustersToRenew(home)).length;
    const says = `Make a new password of the engine's own, set it in the data directories (${count}), and set aside the bases of their past, which cannot be given it: ${damage.path}`;
    renews = { path: damage.path, says };
  }
  return { repairs, renews };
}

async function carryOut(home: Home, { path, content, text }: Repair, aside: string): Promise<void> {
  const written =
    text ?? (content && `${JSON.stringify({ version: recordVersion, ...content }, null, 2)}\n`);
  const directory = dirname(path);
  if (await isOtherThanFolder(directory)) {
    await keepAside(directory, join(aside, `${relative(home.path, directory)}.file`), true);
  }
  if (await disk.exists(path))
    await keepAside(path, join(aside, relative(home.path, path)), written === undefined);
  if (written === undefined) return;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await disk.writeFileAtomic(path, written);
  if (dirname(directory) !== home.pgdata) return;
  // In a data directory, files are Postgres' own.
  const { uid, gid } = await stat(directory);
  await chown(path, uid, gid);
}

const isOtherThanFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  );

/** Moves the file, or links it where another takes its place in one step. */
async function keepAside(path: string, to: string, isMoved: boolean): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const isAway = isMoved || (await stat(path)).isDirectory();
  try {
    if (isAway) await rename(path, to);
    else await link(path, to);
  } catch (error) {
    // Data may lie on a volume of its own.
    if (disk.errnoOf(error) !== "EXDEV") throw error;
    if (isAway) await rename(path, `${path}.set-aside`);
    else await copyFile(path, to);
  }
  await disk.syncDirectory(dirname(to));
}
