import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { BaseBackups } from "../../pitr/io/base-backups.ts";
import { findPostmaster, stopPostmaster } from "../../postgres/io/processes.ts";
import type { Home } from "../../storage/home.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";

/** An engine that was killed leaves its Postgres processes behind; its data is theirs until they end. */
export async function stopLeftovers(home: Home, log: (line: string) => void): Promise<void> {
  const directories = await readdir(home.pgdata);
  await Promise.all(
    directories.map(async (name) => {
      const pid = await findPostmaster(join(home.pgdata, name));
      if (pid === undefined) return;
      log(`stopping Postgres ${pid}, left behind by an engine that was killed`);
      await stopPostmaster(pid);
    }),
  );
}

/** Copies that never became a branch go; branches whose data is missing are reported. */
export async function discardUnreferenced(
  home: Home,
  catalog: Catalog,
  data: BranchData,
  log: (line: string) => void,
): Promise<string[]> {
  const branches = [...catalog.branches.values()];
  const holders = [...branches, ...catalog.snapshots.values()];
  const referenced = new Set(holders.map(({ dataDir }) => dataDir));
  const present = await readdir(home.pgdata);
  for (const name of present) {
    if (referenced.has(name)) continue;
    log(`discarding ${name}: no branch or snapshot refers to it`);
    await data.discard(name);
  }
  const history = new BaseBackups(home);
  for (const name of await readdir(home.history)) {
    if (referenced.has(name)) await history.discardUndescribed(name);
    else await data.discardHistory(name);
  }
  for (const name of await readdir(home.templates)) {
    if (name.endsWith(".tmp")) await rename(join(home.templates, name), join(home.trash, name));
  }
  for (const name of await readdir(home.binaries)) {
    if (name.endsWith(".tmp"))
      await rm(join(home.binaries, name), { recursive: true, force: true });
  }
  data.emptyTrash();
  return holders
    .filter(({ dataDir }) => !present.includes(dataDir))
    .map(
      ({ name, id, dataDir }) => `the data of ${name} (${id}) is missing: ${data.path(dataDir)}`,
    );
}
