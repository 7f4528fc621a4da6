import type { MaskingRule } from "../model/masking-rule.ts";
import { type Masked, nameOf, type RefusedRule } from "./masked-column.ts";
import { identifier } from "./quote.ts";
import { type DatabaseFacts, type ForeignKey, type TableFacts, tableKey } from "./table-facts.ts";

/**
 * Masked columns that foreign keys refer to: what refers to them follows. A column that refers is not masked by itself, or
 * rows would lose each other.
 */
export interface KeyPlan {
  rule: MaskingRule;
  /** Makes the old and new values of the key, while rows are as they were. */
  map: string;
  /** Of the column itself, then of all that refer to it, directly or by others. */
  updates: string[];
  tables: TableFacts[];
}

export function keyPlans(
  masked: readonly Masked[],
  facts: DatabaseFacts,
): { keys: KeyPlan[]; problems: RefusedRule[] } {
  const keys: KeyPlan[] = [];
  const problems: RefusedRule[] = [];
  for (const each of masked) {
    const { schema_name, table_name, column_name } = each.rule;
    const own: Column = { schema: schema_name, table: table_name, column: column_name };
    const refers = facts.foreignKeys.find((key) => isOf(key.schema, key.table, key.columns, own));
    if (refers) {
      const target = `${refers.targetTable}.${targetOf(refers, own.column)}`;
      problems.push({
        rule: each.rule,
        why: `it refers to ${target} (${refers.name}): mask that column, and this one follows`,
      });
      continue;
    }
    const isPartition = facts.foreignKeys.some(
      (key) => key.inherited && isOf(key.targetSchema, key.targetTable, key.targetColumns, own),
    );
    if (isPartition) {
      problems.push({
        rule: each.rule,
        why: "foreign keys refer to it: mask the partitioned table",
      });
      continue;
    }
    const found = followers(own, facts);
    if (typeof found === "string") problems.push({ rule: each.rule, why: found });
    else if (found.length > 0) keys.push(keyPlan(each, own, found, facts, keys.length));
  }
  return { keys, problems };
}

interface Column {
  schema: string;
  table: string;
  column: string;
}

/** All columns that have the values of this one because foreign keys say so; or why they cannot follow. */
function followers(start: Column, facts: DatabaseFacts): Column[] | string {
  const found: Column[] = [];
  const keys = facts.foreignKeys.filter(({ inherited }) => !inherited);
  const same = (a: Column, b: Column) =>
    tableKey(a.schema, a.table) === tableKey(b.schema, b.table) && a.column === b.column;
  for (const at of walk(start, found)) {
    for (const key of keys) {
      if (!isOf(key.targetSchema, key.targetTable, key.targetColumns, at)) continue;
      if (key.columns.length > 1)
        return `${key.name} of ${key.table} refers to it together with other columns`;
      const next = { schema: key.schema, table: key.table, column: key.columns[0] ?? "" };
      const others = keys.filter(
        (other) => other !== key && isOf(other.schema, other.table, other.columns, next),
      );
      if (others.length > 0)
        return `${next.table}.${next.column}, which refers to it, refers to something else, too`;
      const table = facts.tables.find(
        (each) => each.schema === next.schema && each.name === next.table,
      );
      const column = table?.columns.find(({ name }) => name === next.column);
      if (!table || !column?.isBuiltIn || column.generated) {
        return `${next.table}.${next.column}, which refers to it, cannot be given another value`;
      }
      if (table.alwaysFiring.length > 0)
        return `${table.alwaysFiring.join(", ")} of ${table.name} would run at each row that refers to it`;
      if (!same(next, start) && !found.some((each) => same(each, next))) found.push(next);
    }
  }
  const own = facts.tables.find(
    (each) => each.schema === start.schema && each.name === start.table,
  );
  const isBuiltIn = own?.columns.find(({ name }) => name === start.column)?.isBuiltIn ?? false;
  return found.length > 0 && !isBuiltIn
    ? "foreign keys refer to it, and its type is not one of Postgres' own"
    : found;
}

/** The first, and then what is found on the way. */
function* walk(start: Column, found: readonly Column[]): Generator<Column> {
  yield start;
  for (let at = 0; at < found.length; at += 1) yield found[at] as Column;
}

function keyPlan(
  { rule, table, value }: Masked,
  own: Column,
  following: readonly Column[],
  facts: DatabaseFacts,
  at: number,
): KeyPlan {
  const map = identifier(`ds_keys_${at}`);
  const key = `t.${identifier(own.column)}`;
  const updateOf = ({ schema, table: name, column }: Column) => {
    const target = `${identifier(schema)}.${identifier(name)}`;
    return `update ${target} as t set ${identifier(column)} = m.made from pg_temp.${map} m where t.${identifier(column)} = m.was`;
  };
  const tables = following.flatMap(
    ({ schema, table: name }) =>
      facts.tables.find((each) => each.schema === schema && each.name === name) ?? [],
  );
  return {
    rule,
    map: `create temp table ${map} on commit drop as select ${key} as was, ${value} as made from ${nameOf(table)} as t where ${key} is not null`,
    updates: [own, ...following].map(updateOf),
    tables: [table, ...tables],
  };
}

const isOf = (schema: string, table: string, columns: readonly string[], of: Column): boolean =>
  schema === of.schema && table === of.table && columns.includes(of.column);

const targetOf = (key: ForeignKey, column: string): string =>
  key.targetColumns[key.columns.indexOf(column)] ?? "";
