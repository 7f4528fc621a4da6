import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import { keyText, shownColumn, shownName } from "../model/names.ts";
import type { FitReason, Problem } from "../model/problem.ts";
import { columnOf, findTable } from "./links.ts";

/** What reading a column on the source has to end in: the target's type, with a cast where that is sound. */
export interface FittedColumn {
  column: CatalogueColumn;
  target: CatalogueColumn;
  type: ColumnType;
  /** To be written behind the value: `::bigint`. */
  cast: string;
  /** Its values mean something on their own server only: no one of them may come along. */
  ofOneServer: boolean;
}

/** Generated, and not copied: but where main has made an ordinary column of it, its values are as any other's. */
export function isComputed(
  table: CatalogueTable,
  { name, generated }: CatalogueColumn,
  target: Catalogue,
): boolean {
  const there = findTable(target, table);
  return generated && (there === undefined || columnOf(there, name)?.generated !== false);
}

/** Numbers of rows and functions that mean something else, or nothing, on another server. */
const ofOneServer = /^(oid|reg\w+|xid8?|cid|tid|pg_lsn|pg_snapshot|txid_snapshot)$/;

/**
 * Compares a table that is to be copied on both sides, column by column. Binary COPY does not look at
 * types: it would load a bigint into a float8 as 2e-322 without a word.
 */
export function fitTable(
  table: CatalogueTable,
  source: Catalogue,
  target: Catalogue,
  problems: Problem[],
): FittedColumn[] {
  const there = findTable(target, table);
  if (!there) {
    problems.push({
      kind: "types",
      subject: shownName(table),
      reason: { code: "MISSING_ON_MAIN" },
      suggestion: `tables: { ${keyText(shownName(table))}: "skip" }  // or migrate main`,
    });
    return [];
  }
  for (const column of there.columns) {
    if (columnOf(table, column.name)) continue;
    if (column.generated || column.hasDefault || column.identity || !column.notNull) continue;
    problems.push({
      kind: "types",
      subject: shownColumn(table, column.name),
      reason: { code: "REQUIRED_ON_MAIN" },
    });
  }
  return table.columns.flatMap((column) => {
    const other = columnOf(there, column.name);
    const problem = (reason: FitReason): [] => {
      problems.push({ kind: "types", subject: shownColumn(table, column.name), reason });
      return [];
    };
    if (isComputed(table, column, target)) return [];
    if (!other) return problem({ code: "MISSING_ON_MAIN" });
    if (other.generated) return [];
    const cast = castBetween(column.type, other.type, source, target);
    if ("problem" in cast) return problem(cast.problem);
    if (other.notNull && !column.notNull) return problem({ code: "NOT_NULL_ON_MAIN" });
    const type = columnType(other.type, target);
    const servers =
      ofOneServer.test(type.base) || ofOneServer.test(columnType(column.type, source).base);
    return [{ column, target: other, type, cast: cast.cast, ofOneServer: servers }];
  });
}

/** Between types of one kind a cast loses nothing, or fails aloud. */
function castBetween(
  from: string,
  to: string,
  source: Catalogue,
  target: Catalogue,
): { cast: string } | { problem: FitReason } {
  const own = columnType(from, source);
  const other = columnType(to, target);
  const differing = (source: string, target: string): { problem: FitReason } => ({
    problem: { code: "TYPES_DIFFER", source, target },
  });
  const differ = differing(from, to);
  if (own.family === "enum" || other.family === "enum") {
    if (own.family !== other.family || own.array !== other.array || from !== to) return differ;
    const known = target.enums[other.base] ?? [];
    const labels = (source.enums[own.base] ?? []).filter((label) => !known.includes(label));
    if (labels.length === 0) return { cast: "" };
    return { problem: { code: "LABELS_MISSING", type: from, labels } };
  }
  if (from === to) {
    // Two domains of one name may stand on different types.
    if (own.base === other.base && own.array === other.array) return { cast: "" };
    return differing(`${from} (${own.base})`, `${to} (${other.base})`);
  }
  if (own.array !== other.array) return differ;
  return safe(own, other) ? { cast: `::${to}` } : differ;
}

const widths: Record<string, number> = { smallint: 2, integer: 4, bigint: 8 };

function safe(own: ColumnType, other: ColumnType): boolean {
  const { base } = own;
  if (own.family === "integer" && other.family === "integer") {
    return (widths[base] ?? 8) <= (widths[other.base] ?? 0);
  }
  if (own.family === "integer") return other.base === "numeric" && other.precision === undefined;
  if (own.family === "text" && other.family === "text" && other.base !== "name") {
    return other.length === undefined || (own.length ?? Number.POSITIVE_INFINITY) <= other.length;
  }
  if (base === "numeric" && other.base === "numeric") {
    if (other.precision === undefined) return true;
    const [digits, scale] = own.precision ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const [most, finest] = other.precision;
    return scale <= finest && digits - scale <= most - finest;
  }
  if (base === "real") return other.base === "double precision";
  if (base === "json") return other.base === "jsonb";
  if (base === "date") return other.base === "timestamp without time zone";
  return base === other.base && sameButModifier(own, other);
}

/** Domains over one type, and types that differ in how exactly they are kept. */
const sameButModifier = (own: ColumnType, other: ColumnType): boolean =>
  own.family === other.family && !["other", "plain"].includes(own.family);
