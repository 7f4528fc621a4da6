import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { StartError } from "../../lib/start-error.ts";

/** Whom Postgres runs as. Undefined: as ourselves, because we are an ordinary user. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root, so as root we need somebody else: the owner of the data that is
 * already there, else DS_POSTGRES_USER, else the system's `postgres`, else `nobody`.
 * initdb looks its user up by name, which is why a bare number will not do.
 */
export async function choosePostgresUser(existingData: string): Promise<PostgresUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(existingData).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };

  const wanted = process.env.DS_POSTGRES_USER;
  const users = passwd();
  for (const name of wanted ? [wanted] : ["postgres", "nobody"]) {
    const user = users.get(name);
    if (user && user.uid !== 0) return user;
  }
  throw new StartError(
    "PREREQUISITE_MISSING",
    wanted
      ? `DS_POSTGRES_USER names "${wanted}", but this machine has no such user (or it is root).`
      : "Postgres refuses to run as root, and this machine has neither a user postgres nor nobody.",
    "Run ds as an ordinary user, or set DS_POSTGRES_USER to an existing unprivileged user.",
  );
}

/** Users of /etc/passwd; -2, as macOS writes nobody, becomes its unsigned form. */
function passwd(): Map<string, PostgresUser> {
  const users = new Map<string, PostgresUser>();
  for (const line of readFileSync("/etc/passwd", "utf8").split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (!name || name.startsWith("#")) continue;
    users.set(name, { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
  }
  return users;
}
