import { chmod, chown, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf, makeDirectory } from "../lib/io/files.ts";
import { StartError } from "../lib/start-error.ts";
import type { PostgresUser } from "../postgres/io/os-user.ts";

/**
 * Where everything of one engine lives. Secrets are 0600 files; the directories above the data are
 * 0700, or 0711 when we are root, because Postgres then runs under another uid and must pass through.
 *
 *     engine.json      address and pid of the engine that runs now
 *     settings.json    the port it keeps, the id of this home, its volume
 *     api-key          what clients must present
 *     admin-password   of the superuser that only the engine uses
 *     engine.log       what the engine says; logs/<branch>.log what each Postgres says
 *     catalog/         what exists: see catalog.ts
 *     tls/             self-signed certificate for localhost
 *     postgres/<v>/    unpacked binaries
 *     data/            what is cloned; a volume of its own may be mounted here
 *       pgdata/<id>/     of branches and snapshots; what neither refers to is left over
 *       template/<v>/    a fresh cluster, cloned for each new project
 *       history/<id>/    bases for time travel of the data directory with that id: see history.ts
 *       trash/           on its way out
 */
export class Home {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
  readonly file = (...parts: string[]) => join(this.path, ...parts);
  get engineFile() {
    return this.file("engine.json");
  }
  get settingsFile() {
    return this.file("settings.json");
  }
  get apiKeyFile() {
    return this.file("api-key");
  }
  get logFile() {
    return this.file("engine.log");
  }
  get adminPasswordFile() {
    return this.file("admin-password");
  }
  get catalog() {
    return this.file("catalog");
  }
  get logs() {
    return this.file("logs");
  }
  get tls() {
    return this.file("tls");
  }
  get binaries() {
    return this.file("postgres");
  }
  get data() {
    return this.file("data");
  }
  get pgdata() {
    return this.file("data", "pgdata");
  }
  get templates() {
    return this.file("data", "template");
  }
  get history() {
    return this.file("data", "history");
  }
  get trash() {
    return this.file("data", "trash");
  }
}

/** Makes the home and its directories with the right modes and owners; idempotent. */
export async function prepareHome(home: Home, user: PostgresUser | undefined): Promise<void> {
  const passable = user ? 0o711 : 0o700;
  try {
    await makeDirectory(home.path, passable);
    await chmod(home.path, passable);
    for (const directory of [home.catalog, home.logs]) await makeDirectory(directory, 0o700);
    await makeDirectory(home.binaries, 0o755);
    await makeDirectory(home.data, passable);
    for (const directory of [home.tls, home.pgdata, home.templates, home.history, home.trash]) {
      await makeDirectory(directory, 0o700);
      if (user) await chown(directory, user.uid, user.gid);
    }
  } catch (error) {
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
