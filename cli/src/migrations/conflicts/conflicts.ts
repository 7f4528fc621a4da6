import { plural } from "../../lib/format/plural.ts";
import { noStyle } from "../../lib/terminal/style.ts";
import type { SchemaChange } from "../../postgres/schema/diff.ts";
import { schemaDiffText } from "../../postgres/schema/text.ts";
import type { Migration } from "../folder/migration.ts";

/** What came of migrations that were run one after another on a copy of the same branch. */
export type Outcome =
  /** `rows`: a sum over each table that was written to, equal for equal rows. */
  | { ok: true; schema: string; rows: Record<string, string> }
  | { ok: false; migration: string; message: string };

/** Two migrations that cannot both be merged as they are. */
export interface Conflict {
  /** Null where one of theirs fails on what the database has already. */
  mine: string | null;
  theirs: string;
  /** One sentence. */
  how: string;
  /** What differs, where both orders succeed but end in different schemas. */
  changes: SchemaChange[];
}

export interface RefReport {
  ref: string;
  status: "ok" | "conflict" | "nothing";
  /** Pending here alone, and there alone. */
  mine: string[];
  theirs: string[];
  conflict: Conflict | null;
  notes: string[];
}

/** Migrations of `all` that `others` has too, by content. */
export function shared(all: readonly Migration[], others: readonly Migration[]): Migration[] {
  return all.filter(({ sameContent }) => others.some(({ hash }) => sameContent.includes(hash)));
}

/** The same number, given on both sides: git cannot merge the two journals. */
export function sameNumbers(mine: readonly Migration[], theirs: readonly Migration[]): string[] {
  const number = ({ name }: Migration) => /^\d{4}(?=_|$)/.exec(name)?.[0];
  return mine.flatMap((one) =>
    theirs
      .filter((other) => number(one) !== undefined && number(one) === number(other))
      .map((other) => `${one.name} and ${other.name} have the same number`),
  );
}

/** Tables whose rows differ, and that hold the same rows whenever the same order is run again. */
export function otherRows(
  one: Record<string, string>,
  other: Record<string, string>,
  again: Record<string, string>,
): string[] {
  return Object.keys({ ...one, ...other }).filter(
    (table) => one[table] !== other[table] && one[table] === again[table],
  );
}

/** Why one order did not succeed, where the other one may have. */
export function failureSentence(
  first: readonly Migration[],
  second: readonly Migration[],
  { migration, message }: Outcome & { ok: false },
): string {
  const early = first.some(({ name }) => name === migration);
  const other = (early ? second : first).at(-1)?.name;
  return `${migration} fails ${early ? "before" : "after"} ${other}: ${message}`;
}

export function refText(report: RefReport): string[] {
  const { ref, conflict, notes } = report;
  const lines = [`${ref}: ${summary(report)}`];
  if (conflict !== null) {
    const here = conflict.mine === null ? "" : `${conflict.mine} (here) and `;
    lines.push(`  ${here}${conflict.theirs} (${ref}): ${conflict.how}`);
    if (conflict.changes.length > 0) {
      const text = schemaDiffText(conflict.changes, noStyle);
      lines.push(...text.split("\n").map((line) => `    ${line}`));
    }
  }
  return [...lines, ...notes.map((note) => `  ${note}`)];
}

function summary({ status, mine, theirs, conflict }: RefReport): string {
  if (status === "nothing") return "no migrations that are pending there alone";
  const there = `${plural(theirs.length, "migration")} there`;
  if (mine.length === 0) {
    return `${there} and none here, ${conflict === null ? "which can be applied" : "in conflict"}`;
  }
  return `${plural(mine.length, "migration")} here and ${there}, ${conflict === null ? "in either order the same" : "in conflict"}`;
}
