import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newSecret } from "../../model/ids.ts";
import { adminRole } from "../../postgres/io/admin.ts";
import { type Binaries, findBinaries, inspectBinaries } from "../../postgres/io/binaries.ts";
import { choosePostgresUser, type PostgresUser } from "../../postgres/io/os-user.ts";
import { singleUser } from "../../postgres/io/single-user.ts";
import { passwordStatement } from "../../postgres/template-settings.ts";
import type { FoundData } from "../../storage/data-check.ts";
import type { Home } from "../../storage/home.ts";
import { Quarantine } from "../../storage/io/quarantine.ts";
import { readSettings } from "../../storage/io/settings.ts";
import { Notes } from "../../storage/io/step-notes.ts";
import { readData } from "./check-home.ts";
import { stopLeftovers } from "./crash-recovery.ts";

const longestEndMs = 10_000;

/**
 * Gives all data directories a new password of the engine's own role, where both copies of it are lost. Nothing
 * remembers it until it is set everywhere: cut off before, the next repair begins anew with another.
 *
 * Bases cannot be given it, as they would not go with their log any more: they are set aside.
 */
export async function renewPassword(
  home: Home,
): Promise<{ password: string; left: { path: string; says: string }[] }> {
  await stopLeftovers(home, () => {});
  const user = await choosePostgresUser(home.pgdata);
  const serverOf = await findServers(home, user);
  const password = newSecret();
  const left: { path: string; says: string }[] = [];
  for (const { path, version } of await clustersToRenew(home)) {
    try {
      const binaries = await serverOf(version);
      await patiently(() =>
        singleUser({ binaries, user }, path, [passwordStatement(adminRole, password)]),
      );
    } catch (error) {
      left.push({ path, says: `has not taken the new password (${(error as Error).message})` });
    }
  }
  const why = "it knows only a password of the engine that is lost; a new history has begun";
  for (const dataDir of await readdir(home.history)) {
    const history = join(home.history, dataDir);
    await new Quarantine(home).setAside(dataDir, { history }, why);
  }
  for (const name of await readdir(home.templates)) {
    await rename(
      join(home.templates, name),
      join(home.trash, `${newSecret().slice(0, 8)}.template`),
    );
  }
  return { password, left };
}

/** A repair that was killed can have left a server that is still about to end. */
async function patiently(work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + longestEndMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

/** What a server could run on, and no step has given up. */
export async function clustersToRenew(home: Home): Promise<FoundData[]> {
  const { dropped, unfinished } = await new Notes(home).read();
  return (await readData(home)).filter(
    ({ name, isCluster }) => isCluster && !dropped.has(name) && !unfinished.has(name),
  );
}

/** The server for data of a major version: the engine's own, or one that the home names the directory of. */
async function findServers(home: Home, user: PostgresUser | undefined) {
  const own = await findBinaries(home.binaries);
  const { postgres = {} } = await readSettings(home);
  return async (major = own.major): Promise<Binaries> => {
    const bin = postgres[major];
    return bin === undefined ? own : inspectBinaries(bin, user);
  };
}
