import { quoteIdentifier } from "../../postgres/quote.ts";
import type {
  Catalogue,
  CatalogueCheck,
  CatalogueColumn,
  CatalogueKey,
  CatalogueSequence,
  CatalogueTable,
  TypeKind,
} from "./catalogue.ts";

/** Answers to the questions of catalogue-sql.ts, in their order. */
export type CatalogueAnswers = [
  TableRow[],
  ColumnRow[],
  KeyRow[],
  ForeignKeyRow[],
  TriggerRow[],
  TypeRow[],
  CatalogueSequence[],
  CheckRow[],
];

interface OfTable {
  /** Of the table. */
  oid: string;
}

interface TableRow extends OfTable {
  schema: string;
  name: string;
  partitioned: boolean;
  partition: boolean;
  parent: string | null;
  enabled: boolean;
  forced: boolean;
  active: boolean;
  readable: boolean;
  inherited: boolean;
  rows: number;
  bytes: number | null;
}

interface ColumnRow extends OfTable {
  name: string;
  type: string;
  notNull: boolean;
  generated: boolean;
  identity: "a" | "d" | "";
  hasDefault: boolean;
  comment: string | null;
}

interface CheckRow extends OfTable, CatalogueCheck {}

interface KeyRow extends OfTable {
  name: string;
  primary: boolean;
  nullsNotDistinct: boolean;
  partial: boolean;
  columns: string[];
  expressions: string | null;
  predicate: string | null;
}

interface ForeignKeyRow extends OfTable {
  name: string;
  columns: string[];
  referencedColumns: string[];
  parentSchema: string;
  parentName: string;
  matchFull: boolean;
  validated: boolean;
  period: boolean;
}

interface TriggerRow extends OfTable {
  name: string;
  enabled: "O" | "D" | "R" | "A";
}

interface TypeRow {
  name: string;
  base: string | null;
  domain: boolean;
  kind: TypeKind | null;
  labels: string[];
}

export function catalogueFrom(
  answers: CatalogueAnswers,
  serverVersion: number,
  without: string[],
): Catalogue {
  const [tables, columns, keys, foreignKeys, triggers, types, sequences, checks] = answers;
  const columnsOf = grouped(columns);
  const keysOf = grouped(keys);
  const foreignKeysOf = grouped(foreignKeys);
  const triggersOf = grouped(triggers);
  const checksOf = grouped(checks);
  const byOid = new Map(tables.map((row) => [row.oid, row]));
  const sizes = sizesWithPartitions(tables, byOid);
  const kept = ({ schema, name }: { schema: string; name: string }) =>
    !without.includes(schema) &&
    !without.some((each) =>
      each.endsWith("*")
        ? `${schema}.${name}`.startsWith(each.slice(0, -1))
        : `${schema}.${name}` === each,
    );

  const table = (row: TableRow): CatalogueTable => {
    const { oid, schema, name, enabled, forced, active, readable, inherited } = row;
    const parent = row.parent === null ? undefined : byOid.get(row.parent);
    const own = columnsOf(oid);
    const tableChecks = checksOf(oid).map(({ name, columns, expression }) => ({
      name,
      columns,
      expression,
    }));
    return {
      schema,
      name,
      kind: row.partition ? "partition" : row.partitioned ? "partitioned" : "table",
      parent: parent && { schema: parent.schema, name: parent.name },
      columns: own.map((row) => ({ ...column(row), ...textsOf(row.name, tableChecks) })),
      checks: [...tableChecks, ...keysOf(oid).flatMap((key) => predicateCheck(key, own))],
      keys: keysOf(oid)
        .filter(({ partial }) => !partial)
        .map((key) => keyOf(key, key.columns)),
      partialKeys: keysOf(oid)
        .filter(({ partial }) => partial)
        .map((key) => partialKey(key, own)),
      foreignKeys: foreignKeysOf(oid).map((key) => ({
        name: key.name,
        columns: key.columns,
        references: { schema: key.parentSchema, name: key.parentName },
        referencedColumns: key.referencedColumns,
        match: key.matchFull ? "full" : "simple",
        validated: key.validated,
        ...(key.period && { period: true }),
      })),
      rowSecurity: { enabled, forced, active },
      readable,
      inherited,
      triggers: triggersOf(oid).map(({ name, enabled }) => ({ name, enabled })),
      ...(sizes.get(oid) ?? { estimatedRows: row.rows, bytes: row.bytes ?? 0 }),
    };
  };

  return {
    serverVersion,
    tables: tables.filter(kept).map(table),
    enums: named(
      types
        .filter(({ domain, kind }) => !domain && kind === null)
        .map(({ name, labels }) => [name, labels]),
    ),
    kinds: named(types.flatMap(({ name, kind }) => (kind === null ? [] : [[name, kind]]))),
    domains: named(
      types.filter(({ domain }) => domain).map(({ name, base }) => [name, base ?? ""]),
    ),
    sequences: sequences.filter(kept),
  };
}

const column = (row: ColumnRow): CatalogueColumn => ({
  name: row.name,
  type: row.type,
  notNull: row.notNull,
  generated: row.generated,
  identity: row.identity === "a" ? "always" : row.identity === "d" ? "by default" : undefined,
  hasDefault: row.hasDefault,
  comment: row.comment ?? undefined,
});

/** `(status = ANY (ARRAY['open'::text, 'closed'::text]))`, with more casts where the type is another one. */
function textsOf(
  name: string,
  checks: readonly CatalogueCheck[],
): Pick<CatalogueColumn, "allowed" | "mentioned"> {
  const own = checks.filter(({ columns }) => columns.length === 1 && columns[0] === name);
  const mentioned = [...new Set(own.flatMap(({ expression }) => literalsIn(expression)))];
  for (const { expression } of own) {
    const [, list] =
      /^\(+[^=<>]+ = ANY \(+ARRAY\[((?:'(?:[^']|'')*'(?:::[\w ."[\]]+)?(?:, )?)+)\]\)?(?:::[\w ]+\[\])?\)+$/.exec(
        expression,
      ) ?? [];
    const allowed = literalsIn(list ?? "");
    if (allowed.length > 0) return { allowed, mentioned };
  }
  return mentioned.length === 0 ? {} : { mentioned };
}

const literalsIn = (sql: string): string[] =>
  (sql.match(/'(?:[^']|'')*'/g) ?? []).map((text) => text.slice(1, -1).replaceAll("''", "'"));

function partialKey(key: KeyRow, own: ColumnRow[]): CatalogueKey {
  return keyOf(key, [...new Set([...key.columns, ...columnsIn(key.expressions, own)])]);
}

/** Which rows have to differ is not to change: those that the key does not mean may all be alike. */
function predicateCheck({ name, predicate }: KeyRow, own: ColumnRow[]): CatalogueCheck[] {
  const columns = columnsIn(predicate, own);
  const expression = `(${predicate}) is not true`;
  return columns.length === 0 ? [] : [{ name, columns, expression }];
}

/** By their names in the text: too many at worst. */
function columnsIn(expression: string | null, own: ColumnRow[]): string[] {
  const words = new Set(expression?.match(/"(?:[^"]|"")+"|[\w$]+/g));
  return own
    .map(({ name }) => name)
    .filter((name) => words.has(name) || words.has(quoteIdentifier(name)));
}

const keyOf = ({ name, primary, nullsNotDistinct }: KeyRow, columns: string[]): CatalogueKey => ({
  name,
  primary,
  columns,
  ...(nullsNotDistinct && { nullsNotDistinct }),
});

/** A partitioned table holds nothing itself: what its partitions have is counted as its own. */
function sizesWithPartitions(
  tables: TableRow[],
  byOid: Map<string, TableRow>,
): Map<string, { estimatedRows: number; bytes: number }> {
  const sizes = new Map<string, { estimatedRows: number; bytes: number }>();
  for (const row of tables.filter(({ partitioned }) => !partitioned)) {
    for (let at = row.parent; at !== null; at = byOid.get(at)?.parent ?? null) {
      const size = sizes.get(at) ?? { estimatedRows: -1, bytes: 0 };
      const rows = [size.estimatedRows, row.rows].filter((known) => known >= 0);
      size.estimatedRows = rows.length === 0 ? -1 : rows.reduce((sum, each) => sum + each);
      size.bytes += row.bytes ?? 0;
      sizes.set(at, size);
    }
  }
  return sizes;
}

function grouped<T extends OfTable>(rows: T[]): (oid: string) => T[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.oid);
    if (group) group.push(row);
    else groups.set(row.oid, [row]);
  }
  return (oid) => groups.get(oid) ?? [];
}

const named = <T>(entries: [string, T][]): Record<string, T> => Object.fromEntries(entries);
