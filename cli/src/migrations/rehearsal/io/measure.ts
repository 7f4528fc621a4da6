import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { type Connect, inTransaction, serverPid } from "../../../postgres/io/session.ts";
import { placeOf } from "../../../postgres/sql-place.ts";
import { type Migration, sentText } from "../../folder/migration.ts";
import type { SendSql } from "../../run/io/session.ts";
import { onOneLine } from "../../sql/shown-sql.ts";
import { sentStatements } from "../../sql/transaction-control.ts";
import {
  effectsBetween,
  pieces,
  type StatementEffects,
  type StatementReport,
  type TableLook,
} from "../effects.ts";

/** A statement of a migration that is about to run, or is running. */
export interface Running {
  migration: Migration;
  sql: string;
  line: number;
  statement: number;
  statements: number;
}

/** Sends a text statement by statement; `run` is what happens around each. */
export function byStatement(
  run: (client: Client, running: Running, send: () => Promise<void>) => Promise<void>,
): SendSql {
  return async (client, part, done, migration) => {
    const whole = sentText(migration);
    const all = sentStatements(whole);
    for (const piece of pieces(part.text)) {
      const start = part.start + piece.start;
      const running = {
        migration,
        sql: piece.sql,
        line: placeOf(whole, start).line,
        statement: all.findLastIndex((each) => each.start <= start) + 1,
        statements: all.length,
      };
      await run(client, running, async () => {
        try {
          await client.query(piece.sql);
        } catch (error) {
          throw withinPart(error, part.text.slice(0, piece.start));
        }
      });
      done.completed += 1;
    }
  };
}

/** The server counts characters from the beginning of what was sent to it. */
function withinPart(error: unknown, before: string): unknown {
  const server = error as { position?: string };
  if (server.position !== undefined) {
    server.position = String(Number(server.position) + [...before].length);
  }
  return error;
}

/** Sends migrations statement by statement and notes what each did to the database. */
export function measuring(connect: Connect): { send: SendSql; statements: StatementReport[] } {
  const statements: StatementReport[] = [];
  let existing: Set<number> | undefined;
  const send = byStatement(async (client, running, sendOne) => {
    const within = inTransaction(client);
    const before = await look(client);
    existing ??= new Set(before.map(({ oid }) => oid));
    const watch = within ? undefined : await watchLocks(connect, serverPid(client));
    const started = performance.now();
    await sendOne().catch(async (error) => {
      await watch?.stop();
      throw error;
    });
    const milliseconds = Math.round((performance.now() - started) * 10) / 10;
    const seen = await watch?.stop();
    const after = await look(client);
    const effects = effectsBetween(before, seen ? withModes(after, seen) : after, existing);
    note(statements, { ...describe(running), milliseconds, inTransaction: within, ...effects });
  });
  return { send, statements };
}

const describe = ({ migration, sql, line, statement, statements }: Running) => ({
  migration: migration.name,
  line,
  statement,
  statements,
  sql: onOneLine(sql),
});

/** A migration that could not get a lock is tried again: its last attempt is the one that counts. */
function note(statements: StatementReport[], report: StatementReport & StatementEffects): void {
  const again = statements.findIndex(
    ({ migration, statement }) => migration === report.migration && statement === report.statement,
  );
  if (again !== -1) statements.splice(again);
  statements.push(report);
}

/**
 * Counters are those of the whole database plus what this session has not handed in yet: helpers of a
 * parallel index build count for themselves. Nobody else reads on an ephemeral branch.
 */
async function look(client: Client): Promise<TableLook[]> {
  if (!inTransaction(client)) await client.query("select pg_stat_force_next_flush()");
  await client.query("select pg_stat_clear_snapshot()");
  const counter = (name: string) =>
    `(pg_stat_get_xact_${name}(c.oid) + pg_stat_get_${name}(c.oid))::float8`;
  const { rows } = await client.query<TableLook>(
    `select c.oid::int8::float8 as oid,
       case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end as table,
       c.relfilenode::text as file,
       ${counter("numscans")} as scans,
       ${counter("tuples_returned")} as rows,
       coalesce(l.modes, '{}') as modes
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join (
       select relation, array_agg(distinct mode) as modes from pg_catalog.pg_locks
       where pid = pg_backend_pid() and locktype = 'relation' and granted
       group by relation
     ) l on l.relation = c.oid
     where c.relkind in ('r', 'p', 'm', 'v', 'f')
       and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
     order by 2`,
  );
  return rows;
}

function withModes(tables: TableLook[], seen: Map<number, Set<string>>): TableLook[] {
  return tables.map((table) => ({ ...table, modes: [...(seen.get(table.oid) ?? [])] }));
}

/** Between two looks; a concurrent index build takes far longer. */
const lookEvery = 10;

/**
 * What a session locks while it is outside of a transaction, looked at from another one, which is there
 * when this resolves.
 */
async function watchLocks(connect: Connect, pid: number) {
  const seen = new Map<number, Set<string>>();
  let stopped = false;
  const watch = async (client: Client) => {
    try {
      while (!stopped) {
        const { rows } = await client.query<{ relation: number; mode: string }>(
          `select relation::int8::float8 as relation, mode from pg_catalog.pg_locks
           where pid = $1 and locktype = 'relation' and granted`,
          [pid],
        );
        for (const { relation, mode } of rows) {
          seen.set(relation, (seen.get(relation) ?? new Set()).add(mode));
        }
        await sleep(lookEvery);
      }
    } finally {
      await client.end();
    }
  };
  // Without it the locks of this statement are not known; the rest of the report is right.
  const client = await connect("ds rehearsal (watching)").catch(() => undefined);
  const watching = client && watch(client).catch(() => undefined);
  return {
    stop: async () => {
      stopped = true;
      await watching;
      return seen;
    },
  };
}
