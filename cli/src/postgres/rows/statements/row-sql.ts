import { changedColumns, type RowChange, type Value } from "../differing.ts";
import type { ComparedTable } from "../shape.ts";
import { contentText, from } from "../sql.ts";
import { nameSql, tableSql, valueLiteral } from "./literal.ts";
import type { TargetTable } from "./target.ts";

type Changed = Extract<RowChange, { is: "changed" }>;

/** One statement is for so many rows, and of about so many characters, at most. */
const mostRows = 200;
const mostText = 64 * 1024;

export function updateSql(table: ComparedTable, target: TargetTable, change: Changed): string {
  const set = changedColumns(table, change)
    .filter(({ name }) => !isGenerated(target, name))
    .map(({ name, after }) => `${nameSql(name)} = ${valueLiteral(after)}`);
  if (set.length === 0) return "";
  return `update ${only(table)} set ${set.join(", ")} where ${keyIs(table, target, change.before)};\n`;
}

/** Rows that are inserted, a few in one statement. */
export function insertions(table: ComparedTable, target: TargetTable): Batch {
  const columns = table.columns.filter(({ name }) => !isGenerated(target, name));
  const names = columns.map(({ name }) => nameSql(name)).join(", ");
  const at = columns.map((column) => table.columns.indexOf(column));
  const hasIdentity = columns.some(
    ({ name }) => target.columns.find((column) => column.name === name)?.identity === "a",
  );
  const into = `insert into ${tableSql(table)}`;
  const overriding = hasIdentity ? "overriding system value " : "";
  return new Batch(
    (values) => `(${at.map((index) => valueLiteral(values[index] ?? null)).join(", ")})`,
    (rows) =>
      columns.length === 0
        ? rows.map(() => `${into} default values;\n`).join("")
        : `${into} (${names}) ${overriding}values\n  ${rows.join(",\n  ")};\n`,
  );
}

/** Rows that are deleted by their key; without one, as many as there are to be of those that are alike. */
export function deletions(table: ComparedTable, target: TargetTable): Batch {
  const { key } = table;
  if (key === undefined) return deletionsByContent(table, target);
  const names = key.map(nameSql);
  const columns = names.length === 1 ? names[0] : `(${names.join(", ")})`;
  return new Batch(
    (values) => {
      const literals = keyValues(table, key, values).map(
        (value, index) => `${valueLiteral(value)}::${typeIn(target, key[index] ?? "")}`,
      );
      return literals.length === 1 ? (literals[0] ?? "") : `(${literals.join(", ")})`;
    },
    (rows) => `delete from ${only(table)} where ${columns} in (${rows.join(", ")});\n`,
  );
}

function deletionsByContent(table: ComparedTable, target: TargetTable): Batch {
  const content = contentText(table);
  return new Batch(
    (values) => {
      const parts = table.columns.map(
        ({ name }, index) => `${valueLiteral(values[index] ?? null)}::${typeIn(target, name)}`,
      );
      // The server writes the text of both.
      return `row(${parts.join(", ")})::text`;
    },
    (rows) => {
      const counts = new Map<string, number>();
      for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
      const wanted = [...counts].map(([row, count]) => `(${row}, ${count})`).join(",\n    ");
      return (
        `delete from ${only(table)} where (tableoid, ctid) in (\n` +
        "  select tableoid, ctid from (\n" +
        "    select t.tableoid, t.ctid, w.count, row_number() over (partition by w.content) as number\n" +
        `    ${from(table)} join (values\n    ${wanted}\n    ) w (content, count) on ${content} = w.content\n` +
        "  ) found where number <= count);\n"
      );
    },
  );
}

const isGenerated = ({ columns }: TargetTable, name: string): boolean =>
  columns.find((column) => column.name === name)?.generated === true;

/** With its schema. */
const typeIn = ({ columns }: TargetTable, name: string): string =>
  columns.find((column) => column.name === name)?.type ?? "text";

const only = (table: ComparedTable): string =>
  `${table.kind === "p" ? "" : "only "}${tableSql(table)}`;

const keyValues = ({ columns }: ComparedTable, key: readonly string[], values: readonly Value[]) =>
  key.map((name) => values[columns.findIndex((column) => column.name === name)] ?? null);

function keyIs(table: ComparedTable, target: TargetTable, values: readonly Value[]): string {
  const key = table.key ?? [];
  return keyValues(table, key, values)
    .map((value, index) => {
      const name = key[index] ?? "";
      return `${nameSql(name)} = ${valueLiteral(value)}::${typeIn(target, name)}`;
    })
    .join(" and ");
}

/** Rows that are written together. */
export class Batch {
  private rows: string[] = [];
  private length = 0;
  private readonly rowSql: (values: readonly Value[]) => string;
  private readonly statement: (rows: readonly string[]) => string;

  constructor(
    rowSql: (values: readonly Value[]) => string,
    statement: (rows: readonly string[]) => string,
  ) {
    this.rowSql = rowSql;
    this.statement = statement;
  }

  /** The statement that is full with it, or "". */
  add(values: readonly Value[]): string {
    const row = this.rowSql(values);
    this.rows.push(row);
    this.length += row.length;
    return this.rows.length >= mostRows || this.length >= mostText ? this.end() : "";
  }

  /** The statement for what is left, or "". */
  end(): string {
    if (this.rows.length === 0) return "";
    const text = this.statement(this.rows);
    this.rows = [];
    this.length = 0;
    return text;
  }
}
