import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BaseBackups } from "../../pitr/io/base-backups.ts";
import { findPostmaster, stopPostmaster } from "../../postgres/io/processes.ts";
import type { StepNotes } from "../../storage/data-check.ts";
import type { Home } from "../../storage/home.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import { Quarantine } from "../../storage/io/quarantine.ts";

/** An engine that was killed leaves its Postgres processes behind; its data is theirs until they end. */
export async function stopLeftovers(home: Home, log: (line: string) => void): Promise<void> {
  const places = [home.pgdata, home.replicas];
  const directories = await Promise.all(
    // A home of an earlier version has no replicas yet when it is repaired.
    places.map(async (place) => (await readdir(place).catch(() => [])).map((n) => join(place, n))),
  );
  await Promise.all(
    directories.flat().map(async (directory) => {
      const pid = await findPostmaster(directory);
      if (pid === undefined) return;
      log(`stopping Postgres ${pid}, left behind by an engine that was killed`);
      await stopPostmaster(pid);
    }),
  );
}

interface Leftovers {
  home: Home;
  catalog: Catalog;
  data: BranchData;
  log: (line: string) => void;
}

/**
 * What an interrupted step has left goes, as its notes tell; anything else that no record refers to is set
 * aside. The records have been checked before: see check-home.ts. Returns how much was set aside.
 */
export async function settleLeftovers(parts: Leftovers): Promise<number> {
  const { home, catalog, data } = parts;
  const notes = await data.notes.read();
  const holders = [...catalog.branches.values(), ...catalog.snapshots.values()];
  const referenced = new Set(holders.map(({ dataDir }) => dataDir));
  const setAside =
    (await settleData(parts, referenced, notes)) +
    (await settleHistories(parts, referenced, notes));
  await forgetNotes(parts, notes);
  for (const name of await readdir(home.templates)) {
    if (name.endsWith(".tmp")) await rename(join(home.templates, name), join(home.trash, name));
  }
  for (const name of await readdir(home.binaries)) {
    if (name.endsWith(".tmp"))
      await rm(join(home.binaries, name), { recursive: true, force: true });
  }
  data.emptyTrash();
  return setAside;
}

async function settleData(
  { home, data, log }: Leftovers,
  referenced: Set<string>,
  { dropped, unfinished }: StepNotes,
): Promise<number> {
  let setAside = 0;
  for (const name of await readdir(home.pgdata)) {
    if (referenced.has(name)) continue;
    if (dropped.has(name) || unfinished.has(name)) {
      log(`discarding ${name}: ${dropped.has(name) ? "it was deleted" : "it was never finished"}`);
      await data.discard(name);
      continue;
    }
    log(`setting ${name} aside: no branch or snapshot refers to it`);
    const from = { pgdata: join(home.pgdata, name), history: join(home.history, name) };
    await new Quarantine(home).setAside(name, from, "no branch or snapshot refers to it");
    setAside += 1;
  }
  return setAside;
}

async function settleHistories(
  { home, data, log }: Leftovers,
  referenced: Set<string>,
  { dropped, unfinished }: StepNotes,
): Promise<number> {
  let setAside = 0;
  const quarantine = new Quarantine(home);
  const backups = new BaseBackups(home);
  for (const name of await readdir(home.history)) {
    const directory = join(home.history, name);
    const bases = await basesIn(directory);
    const isLeft = dropped.has(name) || bases.every((base) => unfinished.has(base));
    if (!referenced.has(name)) {
      if (isLeft) {
        await data.discardHistory(name);
        continue;
      }
      await quarantine.setAside(name, { history: directory }, "no branch has this history");
      setAside += 1;
      continue;
    }
    const described = new Set((await backups.bases(name)).map((base) => base.name));
    for (const base of bases.filter((found) => !described.has(found))) {
      const path = join(directory, base);
      if (unfinished.has(base)) {
        await rename(path, join(home.trash, base));
        continue;
      }
      log(`setting the base ${base} of ${name} aside: nothing describes it`);
      const why = `the description of this base of ${name} is missing or wrong`;
      await quarantine.setAside(base, { pgdata: path }, why);
      setAside += 1;
    }
  }
  return setAside;
}

async function basesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => !name.includes("."));
}

/** What has ended is no step any more. */
async function forgetNotes({ home, data }: Leftovers, { dropped, unfinished }: StepNotes) {
  await data.settled();
  const present = new Set(await readdir(home.pgdata));
  for (const name of unfinished) await data.notes.end(name);
  for (const name of dropped) if (!present.has(name)) await data.notes.forgetDropped(name);
}
