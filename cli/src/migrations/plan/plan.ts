import { shownName } from "../../postgres/quote.ts";
import { placeOf } from "../../postgres/sql-place.ts";
import type { Finding } from "../findings/finding.ts";
import { sizeText, type TableSize } from "../findings/table-size.ts";
import { findingLines } from "../findings/text.ts";
import type { ParsedMigration } from "../folder/parsed-migration.ts";
import { shownSql } from "../sql/shown-sql.ts";
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
  /** Its one statement is carried out in batches, each committed by itself. */
  batches: boolean;
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
      batches: step.batches !== undefined,
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

export function planText(
  plan: MigrationPlan,
  sizes: ReadonlyMap<string, TableSize>,
  findings: readonly Finding[],
): string[] {
  const own = findings.filter(({ migration }) => migration === plan.migration);
  const shown = new Set<Finding>();
  const lines = [`${plan.migration} (${plan.file})`];
  for (const [index, step] of plan.steps.entries()) {
    if (plan.steps.length > 1 || !step.transaction) {
      const how = stepText(step);
      const done = step.committed ? ", already committed" : "";
      lines.push(`  step ${index + 1} of ${plan.steps.length}: ${how}${done}`);
    }
    if (step.committed) continue;
    for (const statement of step.statements) {
      lines.push(...shownSql(statement.sql).map((line) => `    ${line}`.trimEnd()));
      lines.push(...notes(statement, sizes).map((note) => `      -- ${note}`));
      const here = own.filter((finding) => finding.line === statement.line);
      for (const finding of here) shown.add(finding);
      lines.push(...here.flatMap(findingLines).map((line) => `      !! ${line}`));
    }
  }
  const elsewhere = own.filter((finding) => !shown.has(finding));
  lines.push(
    ...elsewhere.flatMap((one) =>
      findingLines(one).map((line) => `  !! line ${one.line}: ${line}`),
    ),
  );
  return lines;
}

function stepText({ batches, transaction }: StepPlan): string {
  if (batches) return "in batches, each committed by itself";
  return transaction ? "one transaction" : "outside of any transaction";
}

function notes(
  { locks, effects, opaque }: PlannedStatement,
  sizes: ReadonlyMap<string, TableSize>,
): string[] {
  const found = [
    ...lockNotes(locks),
    ...effects.map(
      ({ kind, table, reason }) =>
        `${kind}s ${shownName(table)}${inParentheses(sizes.get(table))}: ${reason}`,
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
  return indexOf === undefined
    ? shownName(table)
    : `${shownName(table)}, an index of ${shownName(indexOf)}`;
}

const inParentheses = (size: TableSize | undefined): string =>
  size === undefined ? "" : ` (${sizeText(size)})`;
