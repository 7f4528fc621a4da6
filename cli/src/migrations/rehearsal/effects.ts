import { DsError } from "../../errors/ds-error.ts";
import { splitStatements } from "../sql/split-statements.ts";

/** A table as one look at the database sees it, from within the session that migrates. */
export interface TableLook {
  oid: number;
  /** Without `public.` in front. */
  table: string;
  /** Number of the file that holds the rows; another one after a rewrite. */
  file: string;
  /** Sequential scans and the rows that they read, since the counters began. */
  scans: number;
  rows: number;
  /** Lock modes that the session holds on it, as pg_locks names them. */
  modes: string[];
}

export interface StatementEffects {
  /** Locks on tables that existed before the migration; `earlier`: held since an earlier statement. */
  locks: { table: string; mode: string; earlier: boolean }[];
  rewritten: string[];
  scanned: { table: string; rows: number }[];
}

export interface StatementReport extends StatementEffects {
  migration: string;
  /** Line of the file that it begins at, from 1. */
  line: number;
  /** Its place in the migration, from 1. */
  statement: number;
  statements: number;
  /** On one line. */
  sql: string;
  milliseconds: number;
  /** In a transaction locks are known exactly; outside of one they were looked for from another session. */
  inTransaction: boolean;
}

export interface ChangedRows {
  tables: { table: string; added: number; removed: number; changed: number }[];
  notCompared: string[];
  /** Where none are compared. */
  why?: string;
}

/** Weakest first: https://www.postgresql.org/docs/18/explicit-locking.html#LOCKING-TABLES */
const lockModes = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
];

/** `AccessExclusiveLock` -> `ACCESS EXCLUSIVE`, as the documentation and LOCK TABLE have it. */
export function lockModeName(mode: string): string {
  return mode
    .replace(/Lock$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
}

/** What lies between two looks of one session, for the tables that `existing` names by oid. */
export function effectsBetween(
  before: readonly TableLook[],
  after: readonly TableLook[],
  existing: ReadonlySet<number>,
): StatementEffects {
  const then = new Map(before.map((look) => [look.oid, look]));
  const effects: StatementEffects = { locks: [], rewritten: [], scanned: [] };
  for (const now of after) {
    const was = then.get(now.oid);
    if (!existing.has(now.oid)) continue;
    const strongestFirst = [...now.modes].sort(
      (a, b) => lockModes.indexOf(b) - lockModes.indexOf(a),
    );
    for (const mode of strongestFirst) {
      const earlier = was?.modes.includes(mode) ?? false;
      effects.locks.push({ table: now.table, mode: lockModeName(mode), earlier });
    }
    if (was === undefined) continue;
    if (was.file !== now.file) effects.rewritten.push(now.table);
    if (now.scans > was.scans) {
      effects.scanned.push({ table: now.table, rows: now.rows - was.rows });
    }
  }
  return effects;
}

export interface Piece {
  sql: string;
  /** Offset of its first token in the whole, in UTF-16 units. */
  start: number;
}

/** The statements one by one; a text without any is one piece, for the server to judge. */
export function pieces(sql: string): Piece[] {
  const starts = splitStatements(sql).map(({ start }) => start);
  if (starts.length === 0) return [{ sql, start: 0 }];
  return starts.map((start, index) => ({ sql: sql.slice(start, starts[index + 1]), start }));
}

/** Tables that a rehearsal has locked, scanned or rewritten. */
export function touchedTables(statements: readonly StatementReport[]): string[] {
  const names = statements.flatMap(({ locks, scanned, rewritten }) => [
    ...locks.map(({ table }) => table),
    ...scanned.map(({ table }) => table),
    ...rewritten,
  ]);
  return [...new Set(names)].sort();
}

/** Tables whose rows a rehearsal has written to, or that it has written anew. */
export function writtenTables(statements: readonly StatementReport[]): string[] {
  const names = statements.flatMap(({ locks, rewritten }) => [
    ...locks.filter(({ mode }) => mode === "ROW EXCLUSIVE").map(({ table }) => table),
    ...rewritten,
  ]);
  return [...new Set(names)].sort();
}

/** Whether migrations run on an ephemeral copy first: asked for, or the rule of the project for the stage. */
export function rehearsalWanted(
  asked: boolean | undefined,
  shared: boolean,
  rule: "shared" | "required" | "never",
): boolean {
  if (asked === false && shared && rule === "required") {
    throw new DsError("REFUSED", "migrations of this shared stage are always rehearsed first", {
      reason: "REHEARSAL_REQUIRED",
      hint: 'Leave out --no-rehearse, or change migrations.rehearse ("required") in ds.config.ts',
    });
  }
  return asked ?? (shared && rule !== "never");
}
