import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";

/** Something to read from or to write to. */
export interface Database {
  /** Opens one more direct connection to it. */
  connect(): Promise<Client>;
}

/** What masks and filters take from the session; never part of a statement's text. */
export interface SessionValues {
  tenant: string;
  maskKey: string;
}

/** Connections that all end together, also in the middle of a COPY, and at once when the signal comes. */
export class Sessions {
  private readonly clients = new Set<Client>();
  private readonly signal: AbortSignal;
  private readonly stop = () => {
    for (const client of this.clients) client.end().catch(() => {});
  };

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener("abort", this.stop, { once: true });
  }

  async open(database: Database): Promise<Client> {
    if (this.signal.aborted) throw new DsError("INTERRUPTED", "stopped");
    const client = await database.connect();
    this.clients.add(client);
    if (this.signal.aborted) this.stop();
    return client;
  }

  async close(): Promise<void> {
    this.signal.removeEventListener("abort", this.stop);
    await Promise.all([...this.clients].map((client) => client.end().catch(() => {})));
    this.clients.clear();
  }
}

/** Time limits that a server has for its other users, some of them only in newer versions. */
const limits = [
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
  "transaction_timeout",
];

/** Values as text read the same on both sides; no limit of time; no row held back without an error. */
export async function prepareSession(client: Client, values: SessionValues): Promise<void> {
  await client.query(
    `select set_config(name, '0', false) from pg_catalog.pg_settings where name = any($1)`,
    [limits],
  );
  await client.query(
    `set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
     set bytea_output = 'hex'; set extra_float_digits = 1; set row_security = off; set jit = off`,
  );
  await client.query(
    "select set_config('ds.tenant', $1, false), set_config('ds.mask_key', $2, false)",
    [values.tenant, values.maskKey],
  );
}

/**
 * For a look at production itself: nothing can be written, and the settings end with the transaction, also
 * where a pooler that nobody could tell hands the connection on.
 */
export async function beginLooking(client: Client, values: SessionValues): Promise<void> {
  await client.query("begin read only");
  await prepareSession(client, values);
}

/** One state of the source that any number of sessions read. */
export interface Snapshot {
  reader(): Promise<Client>;
}

const readOnly = "begin transaction isolation level repeatable read, read only";

/** The snapshot lasts as long as its first session. Works on a standby; a pooler would break it. */
export async function openSnapshot(
  sessions: Sessions,
  source: Database,
  values: SessionValues,
): Promise<Snapshot> {
  const first = await sessions.open(source);
  await prepareSession(first, values);
  await first.query(readOnly);
  const { rows } = await first.query("select pg_catalog.pg_export_snapshot() as id");
  const id = String(rows[0]?.id);
  if (!/^[0-9A-F-]+$/.test(id)) throw new DsError("UPSTREAM", "the source gave no snapshot");
  return {
    reader: async () => {
      const client = await sessions.open(source);
      await prepareSession(client, values);
      await client.query(`${readOnly}; set transaction snapshot '${id}'`);
      return client;
    },
  };
}
