import type { Socket } from "node:net";
import pg from "pg";
import { type EngineError, unprocessable } from "../../lib/engine-error.ts";
import { withDeadline } from "../../lib/io/with-deadline.ts";

export const adminRole = "cloud_admin";

export interface AdminAddress {
  port: number;
  password: string;
}

/** Every server has it, it is the superuser's, and so no client can give it settings. */
const ownDatabase = "postgres";

/**
 * What clients choose for a branch, or a database of it, must not break the engine's own work there;
 * and a superuser must not run functions that somebody put into the search path.
 */
const ownSession = {
  // `ALTER DATABASE … SET role` would make the superuser somebody else.
  role: "none",
  local_preload_libraries: "",
  default_transaction_read_only: "off",
  statement_timeout: "0",
  lock_timeout: "0",
  idle_session_timeout: "0",
  // A branch may name standbys that it does not have: a commit would wait for them for ever.
  synchronous_commit: "local",
  search_path: "pg_catalog",
};

const connectWithinMs = 30_000;
const endWithinMs = 5000;

/** A session's user, and settings that count before those of its database. */
interface SessionOptions {
  user: string;
  password: string;
  settings: Record<string, string>;
  /** How long a query may take. */
  answerWithinMs?: number;
}

/**
 * Runs `work` on a connection as the superuser that only the engine knows the password of. Settings
 * that the database's owner gave it are not in force.
 *
 * @param answerWithinMs how long a query may take: for the engine's own rounds, which nothing may end
 */
export async function asAdmin<T>(
  address: AdminAddress,
  database: string,
  work: (client: pg.Client) => Promise<T>,
  answerWithinMs?: number,
): Promise<T> {
  const session = {
    user: adminRole,
    password: address.password,
    settings: await adminSettings(address, database, answerWithinMs),
    ...(answerWithinMs === undefined ? {} : { answerWithinMs }),
  };
  return inSession(address.port, database, session, work);
}

/** Runs `work` on a connection as a role that has no more rights than `work` needs. */
export function asRole<T>(
  port: number,
  database: string,
  { user, password }: Pick<SessionOptions, "user" | "password">,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return inSession(port, database, { user, password, settings: ownSession }, work);
}

/**
 * Settings for a session of the superuser in a database: with them it is as one in a database that no
 * client can give settings. Refuses with 422 where the owner has closed the database.
 */
export async function adminSettings(
  address: AdminAddress,
  database: string,
  answerWithinMs?: number,
): Promise<Record<string, string>> {
  if (database === ownDatabase) return ownSession;
  const undone = await asAdmin(
    address,
    ownDatabase,
    async (client) => {
      const { rows } = await client.query<{ open: boolean; undone: Record<string, string> | null }>(
        undoneSettingsSql,
        [database],
      );
      const [found] = rows;
      if (found?.open === false) throw closedDatabase(database);
      return found?.undone;
    },
    answerWithinMs,
  );
  return { ...undone, ...ownSession };
}

/** `reset_val` is what a session of this database has, which is the engine's own. */
const undoneSettingsSql = `
  select datallowconn as open, (
    select json_object_agg(name, reset_val)
    from pg_db_role_setting, unnest(setconfig) given, pg_settings
    where setdatabase = pg_database.oid and setrole = 0
      and lower(split_part(given, '=', 1)) = lower(name)
      and name <> 'client_encoding' and reset_val is not null) as undone
  from pg_database where datname = $1`;

function closedDatabase(name: string): EngineError {
  return unprocessable(
    "DATABASE_CLOSED",
    `database "${name}" accepts no connections; open it first: alter database ${quoteIdentifier(name)} allow_connections true`,
  );
}

/** Settings as the start of a session takes them (`options`). */
export function startupOptions(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`)
    .join(" ");
}

async function inSession<T>(
  port: number,
  database: string,
  { user, password, settings, answerWithinMs }: SessionOptions,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user,
    password,
    database,
    application_name: "ds engine",
    options: startupOptions(settings),
    connectionTimeoutMillis: answerWithinMs ?? connectWithinMs,
    ...(answerWithinMs === undefined ? {} : { query_timeout: answerWithinMs }),
  });
  // A server that stops under an idle connection must not take the engine down with it.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await endOf(client);
  }
}

/** A server that stands still does not say goodbye. */
async function endOf(client: pg.Client): Promise<void> {
  await withDeadline(
    endWithinMs,
    client.end().catch(() => {}),
  );
  const { connection } = client as unknown as { connection: { stream: Socket } };
  connection.stream.destroy();
}

export const quoteIdentifier = (name: string) => pg.escapeIdentifier(name);
export const quoteLiteral = (text: string) => pg.escapeLiteral(text);
