import type pg from "pg";
import type { ForkPoint } from "../../model/descent.ts";
import type { ChangedPages, PagesUnknown } from "../changed-pages.ts";
import { type FileChanges, rangesOf } from "../page-ranges.ts";
import { summarize } from "./summarize.ts";

/** Runs a question to the server of one side as the superuser. */
type AsksServer = <T>(work: (client: pg.Client) => Promise<T>) => Promise<T>;

/**
 * The pages of a database that are not known to be the same on both sides of a fork, by the summaries that Postgres keeps
 * of their logs. All that was committed before the question is answered for.
 */
export async function readChangedPages(
  fork: ForkPoint | undefined,
  sides: readonly [AsksServer, AsksServer],
  database: string,
): Promise<ChangedPages> {
  if (!fork) return { unknown: "NO_COMMON_HISTORY" };
  const { at: forkedAt, lsn, open } = fork;
  if (open === "unknown") return { unknown: "OPEN_TRANSACTIONS" };
  const read = (ask: AsksServer) => ask((client) => readSide(client, database, lsn));
  const [before, after] = await Promise.all([read(sides[0]), read(sides[1])]);
  if (typeof before === "string") return { unknown: before };
  if (typeof after === "string") return { unknown: after };
  if (before.oid !== after.oid) return { unknown: "OTHER_DATABASE" };
  const changes = [...before.changes, ...after.changes];
  // The database's own file numbers were given anew: it was made since.
  if (changes.some(({ filenode }) => filenode === 0)) return { unknown: "OTHER_DATABASE" };
  const openHere = open.filter((each) => each.database === before.oid);
  return { forkedAt, files: filesOf(changes), open: openHere.map(({ table }) => table) };
}

interface ChangesOfFile extends FileChanges {
  tablespace: number;
  filenode: number;
}

function filesOf(changes: readonly ChangesOfFile[]) {
  const files = new Map<string, ChangesOfFile[]>();
  for (const change of changes) {
    const file = `${change.tablespace} ${change.filenode}`;
    files.set(file, [...(files.get(file) ?? []), change]);
  }
  return [...files.values()].flatMap((same) => {
    const { tablespace, filenode } = same[0] as ChangesOfFile;
    return [{ tablespace, filenode, ranges: rangesOf(same) }];
  });
}

interface SideChanges {
  oid: number;
  changes: ChangesOfFile[];
}

async function readSide(
  client: pg.Client,
  database: string,
  since: string,
): Promise<SideChanges | PagesUnknown> {
  const { rows } = await client.query<{ oid: number; space: number; lsn: string }>(
    "select oid, dattablespace as space, pg_current_wal_insert_lsn() as lsn from pg_database where datname = $1",
    [database],
  );
  const [found] = rows;
  if (!found) return "OTHER_DATABASE";
  if (!(await summarize(client, since, found.lsn))) return "LOG_NOT_SUMMARIZED";
  const changes = await client.query<SideChanges["changes"][number]>(changesSql, [
    since,
    found.oid,
    found.space,
  ]);
  return { oid: found.oid, changes: changes.rows };
}

/** Of the main fork; catalogs have numbers below 16384. */
const changesSql = `
  select case w.reltablespace when $3 then 0::oid else w.reltablespace end as tablespace,
    w.relfilenode as filenode,
    min(w.relblocknumber) filter (where w.is_limit_block)::float8 as "cutAt",
    range_agg(int8range(w.relblocknumber, w.relblocknumber + 1)) filter (where not w.is_limit_block)::text as pages
  from pg_available_wal_summaries() s,
    lateral pg_wal_summary_contents(s.tli, s.start_lsn, s.end_lsn) w
  where s.end_lsn > $1 and w.reldatabase = $2 and w.relforknumber = 0
    and (w.relfilenode >= 16384 or w.relfilenode = 0)
  group by 1, 2`;
