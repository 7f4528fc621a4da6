import { chmod, chown, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf, makeDirectory } from "../../lib/io/files.ts";
import { StartError } from "../../lib/start-error.ts";
import type { PostgresUser } from "../../postgres/io/os-user.ts";
import type { Home } from "../home.ts";
import type { Damage } from "../home-damage.ts";
import { refuseDamages } from "./refuse-damages.ts";

/** Makes the home and its directories with the right modes and owners; idempotent. */
export async function prepareHome(home: Home, user: PostgresUser | undefined): Promise<void> {
  const passable = user ? 0o711 : 0o700;
  try {
    await makeDirectory(home.path, passable);
    await chmod(home.path, passable);
    for (const directory of [home.catalog, home.dropped, home.logs]) {
      await makeDirectory(directory, 0o700);
    }
    await makeDirectory(home.binaries, 0o755);
    await makeDirectory(home.extensions, 0o755);
    await makeDirectory(home.data, passable);
    for (const directory of [home.unfinished, home.quarantine]) {
      await makeDirectory(directory, 0o700);
    }
    for (const directory of [
      home.tls,
      home.pgdata,
      home.templates,
      home.history,
      home.replicas,
      home.trash,
    ]) {
      await makeDirectory(directory, 0o700);
      if (user) await chown(directory, user.uid, user.gid);
    }
  } catch (error) {
    if (["EEXIST", "ENOTDIR"].includes(errnoOf(error) ?? "")) {
      refuseDamages(await filesForFolders(home));
    }
    throw new StartError(
      "CONFIG_INVALID",
      `The home directory ${home.path} cannot be prepared: ${(error as Error).message}.`,
      errnoOf(error) === "ENOSPC"
        ? "Free some space on that volume, or set DS_HOME to a directory on another."
        : "Set DS_HOME to a directory that you own.",
    );
  }
  if (user) await checkPassable(home.path, user);
}

/** What lies in the place of a folder, outermost first. */
export async function filesForFolders(home: Home): Promise<Damage[]> {
  const { catalog, dropped, logs, binaries, extensions, data, unfinished, quarantine } = home;
  const { tls, pgdata, templates, history, replicas, trash } = home;
  const outer = [catalog, logs, binaries, extensions, data, tls];
  const inner = [dropped, unfinished, quarantine, pgdata, templates, history, replicas, trash];
  const damages: Damage[] = [];
  for (const path of [...outer, ...inner]) {
    const isOther = await stat(path).then(
      (found) => !found.isDirectory(),
      () => false,
    );
    if (isOther)
      damages.push({ kind: "no-folder", path, says: "is a file where a folder belongs" });
  }
  return damages;
}

/** Postgres, under its own uid, has to be able to walk down to the home. */
async function checkPassable(path: string, user: PostgresUser): Promise<void> {
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const bits = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
    if ((bits & 1) === 0) {
      throw new StartError(
        "CONFIG_INVALID",
        `Postgres cannot reach ${path}: as root it runs under uid ${user.uid}, which may not enter ${at}.`,
        `Choose another DS_HOME (the default is /var/lib/ds), allow passing with "chmod o+x ${at}", or run ds as an ordinary user.`,
      );
    }
    if (at === dirname(at)) return;
  }
}
