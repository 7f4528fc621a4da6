import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { damagedBases } from "../../pitr/io/base-records.ts";
import { checkData, type FoundData } from "../../storage/data-check.ts";
import type { Home } from "../../storage/home.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import { readIdentity } from "../../storage/io/identity-file.ts";
import { refuseDamages } from "../../storage/io/refuse-damages.ts";
import { Notes } from "../../storage/io/step-notes.ts";

/** Refuses a home whose records and data directories do not agree, before anything is removed. */
export async function checkHome(home: Home, catalog: Catalog): Promise<void> {
  const records = {
    projects: [...catalog.projects.values()],
    branches: [...catalog.branches.values()].map((branch) => catalog.withEndpoints(branch)),
    snapshots: [...catalog.snapshots.values()],
  };
  const notes = await new Notes(home).read();
  refuseDamages([
    ...checkData(records, await readData(home), notes, placesOf(home)),
    ...(await damagedBases(home, notes)),
  ]);
}

export const placesOf = (home: Home) => ({
  pgdata: home.pgdata,
  record: (project: string, id: string) => join(home.catalog, project, `${id}.json`),
});

export async function readData(home: Home): Promise<FoundData[]> {
  const names = await readdir(home.pgdata);
  return Promise.all(names.map((name) => readOne(name, join(home.pgdata, name))));
}

async function readOne(name: string, path: string): Promise<FoundData> {
  const [version, isCluster, identity] = await Promise.all([
    readFile(join(path, "PG_VERSION"), "utf8").catch(() => ""),
    // What a copy that was not synced leaves after a power cut is empty.
    stat(join(path, "global", "pg_control")).then(
      ({ size }) => size > 0,
      () => false,
    ),
    readIdentity(path),
  ]);
  const major = /^(\d+)\n?$/.exec(version)?.[1];
  return {
    name,
    path,
    isCluster,
    ...(major ? { version: Number(major) } : {}),
    ...(identity ? { identity } : {}),
  };
}
