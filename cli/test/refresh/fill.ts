import { createHash } from "node:crypto";
import type { Client } from "pg";
import { codeOf } from "../../src/errors/code-of.ts";
import { quoteIdentifier } from "../../src/postgres/quote.ts";
import { sqlState } from "../../src/postgres/sqlstate.ts";
import type {
  Catalogue,
  CatalogueColumn,
  CatalogueForeignKey,
  CatalogueTable,
} from "../../src/refresh/model/catalogue.ts";
import { makeValue, type Place, personalMark } from "./fill-values.ts";

/**
 * Fills any schema with the data of several tenants, the same ones each time: foreign keys and unique keys
 * hold, and no row refers to another tenant's. Every row is known with its tenant, so what a refresh has to
 * bring can be told without asking the code that is being tested.
 */

export interface FillOptions {
  /** The tenant table. */
  root: string;
  /** Columns that name the tenant, with or without a foreign key. */
  tenantColumns: string[];
  tenants: number;
  /** Of each table, for each tenant; of what is nobody's, three times as many. */
  rows: number;
  /** Columns that may be NULL and are not, as the row would belong to nobody: `labels.account_id`. */
  always?: string[];
  /** Columns of which the schema does not tell what may be in them: `orders.state`. */
  values?: Record<string, (n: number) => unknown>;
  /** References that are no foreign keys: `messages.sender_id` -> `users.id`. */
  references?: Record<string, string>;
  /** Other values than the usual ones. */
  makeValue?: (
    place: Place,
    catalogue: Catalogue,
    different: number,
    tenant: number | undefined,
  ) => unknown;
  /** What the schema's own rules do not let in is left out. */
  lenient?: boolean;
}

export interface MadeRow {
  /** Number of the tenant; undefined: nobody's. */
  tenant: number | undefined;
  values: Record<string, unknown>;
}

export type Made = Map<string, MadeRow[]>;

type Key = Pick<CatalogueForeignKey, "columns" | "referencedColumns"> & { parent: string };

export { personalMark };

export async function fill(
  client: Client,
  catalogue: Catalogue,
  options: FillOptions,
): Promise<Made> {
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const owned = ownedTables(tables, options);
  const made: Made = new Map();
  const filling: Filling = { catalogue, options, owned, made };
  for (const table of inOrder(tables, options, owned)) {
    const rows = makeTable(table, filling);
    const keep = options.lenient ? insertLeniently : insert;
    made.set(table.name, await keep(client, table, rows));
  }
  return made;
}

export function keysOf(table: CatalogueTable, { references = {} }: FillOptions): Key[] {
  const declared = Object.entries(references).flatMap(([from, to]) => {
    const [child, column] = from.split(".") as [string, string];
    const [parent, key] = to.split(".") as [string, string];
    return child === table.name ? [{ columns: [column], referencedColumns: [key], parent }] : [];
  });
  const real = table.foreignKeys.map(({ columns, referencedColumns, references: { name } }) => ({
    columns,
    referencedColumns,
    parent: name,
  }));
  // Those of several columns first: they decide what the others can still be.
  return [...real, ...declared].sort((a, b) => b.columns.length - a.columns.length);
}

const isFilled = (table: CatalogueTable, name: string, { always = [] }: FillOptions) =>
  always.includes(`${table.name}.${name}`) ||
  table.columns.find((column) => column.name === name)?.notNull === true;

const isRequired = (table: CatalogueTable, { columns }: Key, options: FillOptions) =>
  columns.every((name) => isFilled(table, name, options));

/** Tables whose rows belong to a tenant. */
function ownedTables(tables: CatalogueTable[], options: FillOptions): Set<string> {
  const owned = new Set([options.root]);
  for (let before = 0; before !== owned.size; ) {
    before = owned.size;
    for (const table of tables) {
      const direct = table.columns.some(
        ({ name }) => options.tenantColumns.includes(name) && isFilled(table, name, options),
      );
      const derived = keysOf(table, options).some(
        (key) =>
          isRequired(table, key, options) && key.parent !== table.name && owned.has(key.parent),
      );
      if (direct || derived) owned.add(table.name);
    }
  }
  return owned;
}

/** Parents first, the tenants before all that is theirs; a reference that may be NULL waits for nothing. */
function inOrder(
  tables: CatalogueTable[],
  options: FillOptions,
  owned: Set<string>,
): CatalogueTable[] {
  const left = new Map(tables.map((table) => [table.name, table]));
  const order: CatalogueTable[] = [];
  while (left.size > 0) {
    const waits = (table: CatalogueTable, all: boolean) =>
      (table.name !== options.root && owned.has(table.name) && left.has(options.root)) ||
      keysOf(table, options).some(
        (key) =>
          key.parent !== table.name &&
          left.has(key.parent) &&
          (all || isRequired(table, key, options)),
      );
    const next =
      [...left.values()].find((table) => !waits(table, true)) ??
      [...left.values()].find((table) => !waits(table, false));
    const any = options.lenient ? [...left.values()][0] : undefined;
    const chosen = next ?? any;
    if (!chosen) throw new Error(`rows that need each other: ${[...left.keys()].join(", ")}`);
    order.push(chosen);
    left.delete(chosen.name);
  }
  return order;
}

interface Filling {
  catalogue: Catalogue;
  options: FillOptions;
  /** Tables whose rows belong to a tenant. */
  owned: Set<string>;
  /** What there is so far. */
  made: Made;
}

function makeTable(table: CatalogueTable, filling: Filling): MadeRow[] {
  const { options, owned } = filling;
  const isOwned = owned.has(table.name);
  const tenants = isOwned ? Array.from({ length: options.tenants }, (_, n) => n + 1) : [undefined];
  const seen = [...table.keys, ...table.partialKeys].map(({ columns }) => ({
    columns,
    values: new Set<string>(),
  }));
  const rows: MadeRow[] = [];
  let number = 0;
  for (const tenant of tenants) {
    const count = table.name === options.root ? 1 : options.rows * (isOwned ? 1 : 3);
    for (let n = 0; n < count; n += 1) {
      number += 1;
      for (let attempt = 0; attempt < 6; attempt += 1) {
        const row = makeRow({ ...filling, table, rows, tenant, number, attempt });
        if (!row || !isNew(row, seen)) continue;
        rows.push({ tenant, values: row });
        break;
      }
    }
  }
  return rows;
}

function isNew(
  row: Record<string, unknown>,
  seen: { columns: string[]; values: Set<string> }[],
): boolean {
  const texts = seen.map(({ columns }) =>
    columns.some((name) => row[name] === null)
      ? undefined
      : JSON.stringify(columns.map((name) => String(row[name]).toLowerCase())),
  );
  if (texts.some((text, n) => text !== undefined && seen[n]?.values.has(text))) return false;
  for (const [n, text] of texts.entries()) if (text !== undefined) seen[n]?.values.add(text);
  return true;
}

interface Making extends Filling {
  table: CatalogueTable;
  rows: MadeRow[];
  tenant: number | undefined;
  number: number;
  attempt: number;
}

/** Undefined where a parent is needed and there is none. */
function makeRow(making: Making): Record<string, unknown> | undefined {
  const { table, catalogue, options, owned, made, rows, tenant, number, attempt } = making;
  const row: Record<string, unknown> = {};
  const root = made.get(options.root) ?? [];
  const primary = table.keys.find((key) => key.primary)?.columns ?? [];
  for (const { name } of table.columns) {
    if (tenant === undefined || !options.tenantColumns.includes(name)) continue;
    const mine = root.find((each) => each.tenant === tenant);
    if (mine && table.name !== options.root) row[name] = mine.values[rootKey(catalogue, options)];
  }
  for (const [position, key] of keysOf(table, options).entries()) {
    const open = key.columns.filter((name) => !(name in row));
    if (open.length === 0) continue;
    const required = isRequired(table, key, options);
    const foreign = tenant === undefined && owned.has(key.parent);
    const parents = key.parent === table.name ? rows : (made.get(key.parent) ?? []);
    const fitting = parents.filter(
      (parent) =>
        (parent.tenant === undefined || parent.tenant === tenant) &&
        key.columns.every(
          (name, n) =>
            !(name in row) ||
            String(row[name]) === String(parent.values[key.referencedColumns[n] ?? ""]),
        ),
    );
    const wanted = required || pick(`${table.name}.${position}.null`, number, 4) > 0;
    const parent =
      foreign || !wanted
        ? undefined
        : fitting[pick(`${table.name}.${position}`, number + attempt * 31, fitting.length)];
    if (!parent && required) return undefined;
    for (const name of open) {
      row[name] = parent
        ? parent.values[key.referencedColumns[key.columns.indexOf(name)] ?? ""]
        : null;
    }
  }
  for (const column of table.columns) {
    if (column.name in row || column.generated) continue;
    const own =
      options.values?.[`${table.name}.${column.name}`] ?? options.values?.[`*.${column.name}`];
    const make = options.makeValue ?? makeValue;
    const place = { table, column, isKey: primary.includes(column.name) };
    const value = own ? own(number) : make(place, catalogue, number + attempt * 10_007, tenant);
    if (value === undefined) {
      if (column.notNull && !column.hasDefault && !column.identity) {
        if (options.lenient) return undefined;
        throw new Error(`no value for ${table.name}.${column.name} ${column.type}`);
      }
      continue;
    }
    row[column.name] = mayBeNull(column, own) && pick(column.name, number, 5) === 0 ? null : value;
  }
  return row;
}

const mayBeNull = (column: CatalogueColumn, own: unknown) => !column.notNull && own === undefined;

export function rootKey(catalogue: Catalogue, { root }: FillOptions): string {
  const table = catalogue.tables.find(({ name }) => name === root);
  const [key] = table?.keys.find(({ primary }) => primary)?.columns ?? [];
  if (!key) throw new Error(`${root} has no primary key`);
  return key;
}

/** A number below `limit` that depends on nothing but the words and the number. */
function pick(words: string, number: number, limit: number): number {
  if (limit === 0) return 0;
  return createHash("md5").update(`${words} ${number}`).digest().readUInt32BE(0) % limit;
}

/** Rows that the schema's own checks refuse are left out. */
const variations = 8;

/** Rows that are refused are tried with other columns empty, and left out when nothing helps. */
async function insertLeniently(
  client: Client,
  table: CatalogueTable,
  rows: MadeRow[],
): Promise<MadeRow[]> {
  try {
    return await insert(client, table, rows);
  } catch {
    const kept: MadeRow[] = [];
    for (const [number, row] of rows.entries()) {
      for (let at = 0; at < variations; at += 1) {
        const varied = varyRow(table, row, number, at);
        const [stored] = await insert(client, table, [varied]).catch(() => []);
        if (stored === undefined) continue;
        kept.push(stored);
        break;
      }
    }
    return kept;
  }
}

function varyRow({ columns }: CatalogueTable, row: MadeRow, number: number, at: number): MadeRow {
  if (at === 0) return row;
  const values = Object.fromEntries(
    Object.entries(row.values).map(([name, value]) => {
      const isFree = columns.some((column) => column.name === name && !column.notNull);
      const goes = isFree && (at === 1 || pick(`${name} ${at}`, number, 2) === 0);
      return [name, goes ? null : value];
    }),
  );
  return { ...row, values };
}

async function insert(client: Client, table: CatalogueTable, rows: MadeRow[]): Promise<MadeRow[]> {
  if (rows.length === 0) return rows;
  const names = Object.keys(rows[0]?.values ?? {});
  const list = names.map(quoteIdentifier).join(", ");
  const target = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  const sql = `insert into ${target} (${list}) overriding system value
    select ${list} from json_populate_recordset(null::${target}, $1)`;
  const store = (some: MadeRow[]) =>
    client.query(sql, [JSON.stringify(some.map(({ values }) => values))]);
  try {
    await store(rows);
    return rows;
  } catch (error) {
    if (rows.length === 1) return [];
    const code = codeOf(error);
    if (code !== sqlState.checkViolation && code !== sqlState.exclusionViolation) throw error;
  }
  const kept: MadeRow[] = [];
  for (const row of rows) kept.push(...(await insert(client, table, [row])));
  return kept;
}
