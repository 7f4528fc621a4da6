import type { Client } from "pg";
import type { Catalogue, CatalogueTable } from "../../../src/refresh/model/catalogue.ts";
import { readCatalogue } from "../../../src/refresh/model/io/read-catalogue.ts";
import { type FillOptions, fill, type Made, rootKey } from "../fill.ts";
import { markedValue } from "./marked-values.ts";

export interface MarkedProduction {
  catalogue: Catalogue;
  options: FillOptions;
  made: Made;
  /** Key of each tenant's row, as text. */
  keys: Map<number, string>;
}

const roots =
  /^(organi[sz]ations?|orgs?|tenants?|workspaces?|accounts?|companies|company|teams?|customers?|spaces?|sites?)$/i;

/** Fills a database with several tenants, whose every value says whose it is. */
export async function fillMarked(client: Client, tenants: number): Promise<MarkedProduction> {
  const catalogue = await readCatalogue(client, {
    what: "production",
    without: ["public.schema_migrations"],
  });
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const root = rootOf(tables);
  const options: FillOptions = {
    root: root.name,
    tenantColumns: tenantColumnsOf(tables, root),
    tenants,
    rows: 4,
    always: [],
    lenient: true,
    makeValue: markedValue,
    references: softReferences(tables),
  };
  options.always = tables.flatMap(({ name, columns }) =>
    columns
      .filter((column) => options.tenantColumns.includes(column.name))
      .map((column) => `${name}.${column.name}`),
  );
  options.always?.push(...leavesOfTenants(tables, options));
  // Triggers and foreign keys would ask for an order that some schemas do not have.
  await client.query("set session_replication_role = replica");
  const made = await fill(client, catalogue, options);
  await client.query("set session_replication_role = origin; analyze");
  const key = rootKey(catalogue, options);
  const keys = new Map(
    (made.get(root.name) ?? []).map(({ tenant = 0, values }) => [tenant, String(values[key])]),
  );
  return { catalogue, options, made, keys };
}

/** Of those whose name fits and that have no owner of that kind themselves, the one that most others name. */
function rootOf(tables: CatalogueTable[]): CatalogueTable {
  const weight = (table: CatalogueTable) =>
    tables.filter(({ foreignKeys }) =>
      foreignKeys.some(({ references }) => references.name === table.name),
    ).length;
  const fitting = tables.filter(({ name }) => roots.test(name));
  const free = fitting.filter(
    ({ foreignKeys }) =>
      !foreignKeys.some(({ references }) => fitting.some(({ name }) => name === references.name)),
  );
  const [root] = (free.length > 0 ? free : fitting).sort(
    (one, other) => weight(other) - weight(one),
  );
  if (!root) throw new Error("no table of tenants");
  return root;
}

/** Of foreign keys to it, and what is called as they are. */
function tenantColumnsOf(tables: CatalogueTable[], root: CatalogueTable): string[] {
  const names = tables.flatMap((table) =>
    table === root
      ? []
      : table.foreignKeys
          .filter(
            ({ references, columns }) => references.name === root.name && columns.length === 1,
          )
          .flatMap(({ columns }) => columns),
  );
  const [most] = [...new Set(names)].sort(
    (one, other) =>
      names.filter((name) => name === other).length - names.filter((name) => name === one).length,
  );
  return most === undefined ? [] : [most];
}

/** References that may be NULL, of tables that nothing else refers to, to what is a tenant's: they are filled. */
function leavesOfTenants(tables: CatalogueTable[], { root, always = [] }: FillOptions): string[] {
  const has = (name: string) =>
    name === root || always.some((column) => column.startsWith(`${name}.`));
  const isReferred = (name: string) =>
    tables.some(
      (table) =>
        table.name !== name && table.foreignKeys.some(({ references }) => references.name === name),
    );
  return tables
    .filter(({ name }) => !has(name) && !isReferred(name))
    .flatMap(({ name, foreignKeys }) =>
      foreignKeys
        .filter(({ columns, references }) => columns.length === 1 && has(references.name))
        .slice(0, 1)
        .map(({ columns: [column] }) => `${name}.${column}`),
    );
}

/** `project_id` without a foreign key, and a table `projects` whose key has the same type. */
function softReferences(tables: CatalogueTable[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, columns, foreignKeys, keys } of tables) {
    for (const column of columns) {
      const [, word] = /^(\w+?)(?:_id|Id)$/.exec(column.name) ?? [];
      const isTaken = foreignKeys.some((key) => key.columns.includes(column.name));
      const isKey = keys.some((key) => key.columns.length === 1 && key.columns[0] === column.name);
      if (word === undefined || isTaken || isKey) continue;
      const parent = tables.find((table) =>
        [`${word}`, `${word}s`].includes(table.name.toLowerCase()),
      );
      const key = parent?.keys.find(({ primary }) => primary)?.columns ?? [];
      const [only = ""] = key;
      const type = parent?.columns.find((each) => each.name === only)?.type;
      if (parent && key.length === 1 && type === column.type && parent.name !== name)
        found[`${name}.${column.name}`] = `${parent.name}.${only}`;
    }
  }
  return found;
}
