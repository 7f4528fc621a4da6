import type { Node } from "libpg-query";
import { placeOf } from "../../postgres/sql-place.ts";
import type { Migration } from "../folder/migration.ts";
import { shownSql } from "../sql/shown-sql.ts";
import type { Statement } from "../sql/split-statements.ts";
import type { Step } from "../sql/steps.ts";
import type { LockCatalogue } from "./locks/catalogue.ts";
import { blocks, type TableEffect, type TableLock } from "./locks/modes.ts";
import { planStatement } from "./locks/plan-statement.ts";

/** A migration as `--plan` shows it. */
export interface MigrationPlan {
  migration: string;
  file: string;
  steps: StepPlan[];
}

interface StepPlan {
  /** False: one statement, outside of any transaction. */
  transaction: boolean;
  /** An earlier run has committed it. */
  committed: boolean;
  statements: PlannedStatement[];
}

interface PlannedStatement {
  /** In the file, from 1. */
  line: number;
  sql: string;
  /** On tables that the database has already. */
  locks: TableLock[];
  effects: TableEffect[];
  /** It runs a block or procedure, or drops what any table may have: its locks are not known before. */
  opaque: boolean;
}

/** What there is to know of a table before anything runs. */
export interface TableSize {
  /** As of the last ANALYZE; undefined where there was none. */
  rows: number | undefined;
  bytes: number;
}

interface ParsedStatement extends Statement {
  node: Node;
}

export interface ParsedMigration {
  migration: Migration;
  /** As it is sent. */
  sql: string;
  /** Those that are sent. */
  statements: ParsedStatement[];
  steps: Step[];
  /** How many of the steps an earlier run has committed. */
  committed: number;
}

/** @param catalogue of the database before anything is run */
export function planMigration(
  { migration: { file, name }, sql, statements, steps, committed }: ParsedMigration,
  catalogue: LockCatalogue,
): MigrationPlan {
  return {
    migration: name,
    file,
    steps: steps.map((step, index) => ({
      transaction: step.alone === undefined,
      committed: index < committed,
      statements: statements.slice(step.before, step.before + step.statements).map((statement) => ({
        line: placeOf(sql, statement.start).line,
        sql: sql.slice(statement.start, statement.end).trim(),
        ...planStatement(statement.node, catalogue),
      })),
    })),
  };
}

/** Tables that are not there yet are in nobody's way, and empty. */
export function withoutNewTables(
  plan: MigrationPlan,
  sizes: ReadonlyMap<string, TableSize>,
): MigrationPlan {
  const isThere = ({ table }: { table: string }) => sizes.has(table);
  return {
    ...plan,
    steps: plan.steps.map((step) => ({
      ...step,
      statements: step.statements.map((statement) => ({
        ...statement,
        locks: statement.locks.filter(isThere),
        effects: statement.effects.filter(isThere),
      })),
    })),
  };
}

export function tablesOf(plan: MigrationPlan): string[] {
  return plan.steps.flatMap(({ statements }) =>
    statements.flatMap(({ locks, effects }) => [...locks, ...effects].map(({ table }) => table)),
  );
}

export function planText(plan: MigrationPlan, sizes: ReadonlyMap<string, TableSize>): string[] {
  const lines = [`${plan.migration} (${plan.file})`];
  for (const [index, step] of plan.steps.entries()) {
    if (plan.steps.length > 1 || !step.transaction) {
      const how = step.transaction ? "one transaction" : "outside of any transaction";
      const done = step.committed ? ", already committed" : "";
      lines.push(`  step ${index + 1} of ${plan.steps.length}: ${how}${done}`);
    }
    if (step.committed) continue;
    for (const statement of step.statements) {
      lines.push(...shownSql(statement.sql).map((line) => `    ${line}`.trimEnd()));
      lines.push(...notes(statement, sizes).map((note) => `      -- ${note}`));
    }
  }
  return lines;
}

function notes(
  { locks, effects, opaque }: PlannedStatement,
  sizes: ReadonlyMap<string, TableSize>,
): string[] {
  const found = [
    ...lockNotes(locks),
    ...effects.map(
      ({ kind, table, reason }) =>
        `${kind}s ${shown(table)}${sizeText(sizes.get(table))}: ${reason}`,
    ),
  ];
  if (opaque) found.push("its locks are not all known before; see --rehearse");
  return found.length === 0 ? ["no lock on a table that is there already"] : found;
}

/** So many tables with the same lock have a line each. */
const linesEach = 6;
const namesInLine = 4;

/** A table can have a thousand partitions. */
function lockNotes(locks: TableLock[]): string[] {
  const modes = [...new Set(locks.map(({ mode }) => mode))];
  return modes.flatMap((mode) => {
    const names = locks.filter((lock) => lock.mode === mode).map(lockedName);
    const more = names.length - namesInLine;
    const lines =
      names.length <= linesEach
        ? names
        : [`${names.slice(0, namesInLine).join(", ")} and ${more} more`];
    return lines.map((line) => `${mode} on ${line}: ${blocks(mode)}`);
  });
}

function lockedName({ table, indexOf }: TableLock): string {
  return indexOf === undefined ? shown(table) : `${shown(table)}, an index of ${shown(indexOf)}`;
}

/** Names without the quotes that they do not need. */
function shown(table: string): string {
  return table.replaceAll(/"([a-z_][a-z0-9_$]*)"/g, "$1");
}

function sizeText(size: TableSize | undefined): string {
  if (size === undefined) return "";
  const megabytes = `${(size.bytes / 1e6).toFixed(1)} MB`;
  return size.rows === undefined
    ? ` (${megabytes})`
    : ` (about ${size.rows.toLocaleString("en")} rows, ${megabytes})`;
}
