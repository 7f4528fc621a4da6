import type { MaskingRule } from "../model/masking-rule.ts";
import { compile, parseRule } from "./compile.ts";
import { type KeyPlan, keyPlans } from "./key-plans.ts";
import { type Masked, nameOf, type RefusedRule } from "./masked-column.ts";
import { identifier } from "./quote.ts";
import type { DatabaseFacts, TableFacts } from "./table-facts.ts";
import { NotReadable } from "./tokens.ts";

/** What is done to one database, in this order: maps of keys, updates, keys with what refers to them. */
export interface MaskPlan {
  keys: KeyPlan[];
  updates: { table: TableFacts; sql: string }[];
  /** For each rule, what the server has to find nothing wrong with. */
  checks: { rule: MaskingRule; sql: string }[];
  /** All that is written to. */
  tables: TableFacts[];
  columns: number;
}

/** The rules of one database held against what it has. */
export function planMasks(
  rules: readonly MaskingRule[],
  facts: DatabaseFacts,
): { plan: MaskPlan; refused: RefusedRule[] } {
  const refused: RefusedRule[] = [];
  const masked: Masked[] = [];
  for (const rule of rules) {
    const found = maskedColumn(rule, facts);
    if (typeof found === "string") refused.push({ rule, why: found });
    else masked.push(found);
  }
  const { keys, problems } = keyPlans(masked, facts);
  refused.push(...problems);
  const isKey = (each: Masked) => keys.some(({ rule }) => rule === each.rule);
  const byTable = grouped(masked.filter((each) => !isKey(each)));
  const updates = [...byTable].map(([table, columns]) => ({
    table,
    sql: updateOf(table, columns),
  }));
  const tables = new Set([
    ...updates.map(({ table }) => table),
    ...keys.flatMap((key) => key.tables),
  ]);
  return {
    plan: {
      keys,
      updates,
      checks: masked.map(({ rule, table, value }) => ({
        rule,
        sql: `select ${value} from ${nameOf(table)} as t`,
      })),
      tables: [...tables],
      columns: masked.length,
    },
    refused,
  };
}

function maskedColumn(rule: MaskingRule, facts: DatabaseFacts): Masked | string {
  const { schema_name: schema, table_name: name, column_name: column } = rule;
  const table = facts.tables.find((each) => each.schema === schema && each.name === name);
  if (!table) return "there is no such table";
  const why = tableBlocker(table);
  if (why) return why;
  const found = table.columns.find((each) => each.name === column);
  if (!found) return "there is no such column";
  if (found.generated) return "it is generated from other columns: mask those, and it follows";
  if (found.alwaysIdentity)
    return "it is generated always as identity, so nothing else can be written to it";
  if (table.deferrableColumns.includes(column)) {
    return "it is part of a deferrable unique constraint, which is not checked while rows are masked";
  }
  const expression = parseRule(rule);
  if (expression.kind === "null" && found.notNull)
    return "NULL is no value of a column that is NOT NULL";
  try {
    const value = compile(expression, (path) => columnOf(path, table));
    return { rule, table, value: `cast(${value} as ${found.type})` };
  } catch (error) {
    if (error instanceof NotReadable) return error.message;
    throw error;
  }
}

function tableBlocker(table: TableFacts): string | undefined {
  if (table.kind !== "r" && table.kind !== "p") return "it is no table whose rows are stored here";
  if (table.hasHeirs) return "other tables inherit from it, whose rows it shows as its own";
  if (table.ownerIsSuperuser) return "the table is the server's own";
  if (table.alwaysFiring.length > 0) {
    return `${table.alwaysFiring.join(", ")} would run at each masked row, and could keep what it was`;
  }
  return undefined;
}

/** `column`, `table.column` or `schema.table.column`. */
function columnOf(path: readonly string[], table: TableFacts): string {
  const own = [table.schema, table.name];
  const name = path.at(-1) ?? "";
  const before = path.slice(0, -1);
  const isOwn =
    before.length <= 2 && before.every((part, at) => part === own[own.length - before.length + at]);
  if (!isOwn || !table.columns.some((column) => column.name === name)) {
    throw new NotReadable(`the table has no column ${path.join(".")}`);
  }
  return `t.${identifier(name)}`;
}

const updateOf = (table: TableFacts, columns: readonly Masked[]): string =>
  `update ${nameOf(table)} as t set ${columns
    .map(({ rule, value }) => `${identifier(rule.column_name)} = ${value}`)
    .join(", ")}`;

function grouped(masked: readonly Masked[]): Map<TableFacts, Masked[]> {
  const groups = new Map<TableFacts, Masked[]>();
  for (const each of masked) groups.set(each.table, [...(groups.get(each.table) ?? []), each]);
  return groups;
}
