import type {
  Catalogue,
  CatalogueColumn,
  CatalogueForeignKey,
  CatalogueTable,
} from "../../../src/refresh/model/catalogue.ts";

/**
 * A catalogue out of lines such as
 *
 *     items(id bigint pk, organization_id text! > organizations.id, board_id bigint > boards.id, key text unique)
 *     replies(item_id bigint, id bigint; pk item_id id; (item_id, number) > items(id, number))
 *
 * `!` is NOT NULL, as is `pk`; `= ` before `generated` or `default` says what makes the value.
 */
export function catalogueOf(
  lines: string,
  types: Partial<Pick<Catalogue, "enums" | "domains">> = {},
): Catalogue {
  const tables = lines
    .trim()
    .split("\n")
    .map((line) => tableOf(line.trim()));
  return { serverVersion: 180_000, tables, enums: {}, domains: {}, sequences: [], ...types };
}

function tableOf(line: string): CatalogueTable {
  const [, full = "", body = ""] = /^([\w. ]+)\((.*)\)$/.exec(line) ?? [];
  if (body === "") throw new Error(`not a table: ${line}`);
  const [name = "", schema = "public"] = full.split(".").reverse();
  const [own = "", ...rest] = body.split(/;\s*/);
  const table: CatalogueTable = {
    schema,
    name,
    kind: "table",
    parent: undefined,
    columns: [],
    keys: [],
    partialKeys: [],
    foreignKeys: [],
    rowSecurity: { enabled: false, forced: false, active: false },
    readable: true,
    inherited: false,
    triggers: [],
    estimatedRows: 100,
    bytes: 8192,
  };
  for (const text of own.split(/,\s+/)) addColumn(table, text);
  for (const text of rest) addKey(table, text);
  return table;
}

function addColumn(table: CatalogueTable, text: string): void {
  const [definition = "", target] = text.split(" > ");
  const [, name = "", type = "", marks = ""] =
    /^(\w+) (.+?)((?:!| pk| unique| = \w+)*)$/.exec(definition) ?? [];
  const column: CatalogueColumn = {
    name,
    type,
    notNull: /!| pk/.test(marks),
    generated: marks.includes("= generated"),
    identity: undefined,
    hasDefault: marks.includes("= default"),
    comment: undefined,
  };
  table.columns.push(column);
  if (marks.includes(" pk"))
    table.keys.push({ name: `${table.name}_pkey`, primary: true, columns: [name] });
  if (marks.includes(" unique"))
    table.keys.push({ name: `${table.name}_${name}_key`, primary: false, columns: [name] });
  if (target !== undefined) {
    const at = target.lastIndexOf(".");
    table.foreignKeys.push(foreignKey(table, [name], target.slice(0, at), [target.slice(at + 1)]));
  }
}

function addKey(table: CatalogueTable, text: string): void {
  const [, from = "", parent = "", to = "", full] =
    /^\((.*)\) > ([\w.]+)\((.*)\)( full)?$/.exec(text) ?? [];
  if (from !== "") {
    const key = foreignKey(table, from.split(", "), parent, to.split(", "));
    table.foreignKeys.push({ ...key, match: full ? "full" : "simple" });
    return;
  }
  const [kind, ...columns] = text.split(" ");
  const primary = kind === "pk";
  table.keys.push({ name: `${table.name}_${columns.join("_")}_key`, primary, columns });
  for (const column of table.columns)
    if (primary && columns.includes(column.name)) column.notNull = true;
}

function foreignKey(
  table: CatalogueTable,
  columns: string[],
  parent: string,
  referencedColumns: string[],
): CatalogueForeignKey {
  const [name = "", schema = "public"] = parent.split(".").reverse();
  return {
    name: `${table.name}_${columns.join("_")}_fkey`,
    columns,
    references: { schema, name },
    referencedColumns,
    match: "simple",
    validated: true,
  };
}
