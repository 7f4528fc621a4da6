import { quoteIdentifier } from "../../quote.ts";
import { columnText } from "../columns.ts";
import type { TableChange } from "./table-parts.ts";

/** What goes before anything new is made. */
export function takingAway(change: TableChange): string[] {
  const { table } = change;
  const generatedFirst = [...change.regenerated, ...change.droppedColumns].sort(
    (one, other) =>
      Number(other.attributes.has("GENERATED")) - Number(one.attributes.has("GENERATED")),
  );
  return [
    ...change.droppedConstraints.map(
      (name) => `ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(name)}`,
    ),
    ...change.retyped
      .filter(({ before }) => before.attributes.has("DEFAULT"))
      .map(
        ({ before }) =>
          `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(before.name)} DROP DEFAULT`,
      ),
    ...generatedFirst.map(
      (column) => `ALTER TABLE ${table} DROP COLUMN ${quoteIdentifier(column.name)}`,
    ),
  ];
}

/** What comes where the table stands among what is made. */
export function bringing(
  change: TableChange,
  identityOf: (column: string) => string | undefined,
): string[] {
  const { table } = change;
  const alter = (column: string, what: string) =>
    `ALTER TABLE ${table} ALTER COLUMN ${quoteIdentifier(column)} ${what}`;
  const added = [...change.addedColumns, ...change.regenerated];
  const plainFirst = [...added].sort(
    (one, other) =>
      Number(one.attributes.has("GENERATED")) - Number(other.attributes.has("GENERATED")),
  );
  const isAdded = new Set(added.map(({ name }) => name));
  return [
    ...change.retyped.map(({ before, after, isSwapped }) => {
      const collation = after.attributes.get("COLLATE");
      const collate = collation === undefined ? "" : ` COLLATE ${collation}`;
      const isByText = isSwapped || !hasCast(before.type, after.type);
      const areArrays = [before, after].every(({ type }) => type.endsWith("]"));
      const text = areArrays ? "text[]::" : "text::";
      const value = `${quoteIdentifier(after.name)}::${isByText ? text : ""}${after.type}`;
      return alter(after.name, `TYPE ${after.type}${collate} USING ${value}`);
    }),
    ...plainFirst.map((column) => {
      const identity = identityOf(column.name);
      return `ALTER TABLE ${table} ADD COLUMN ${quoteIdentifier(column.name)} ${columnText(column)}${identity === undefined ? "" : ` ${identity}`}`;
    }),
    ...change.defaults
      .filter(({ column }) => !isAdded.has(column))
      .map(({ column, value }) =>
        alter(column, value === undefined ? "DROP DEFAULT" : `SET DEFAULT ${value}`),
      ),
    ...change.nullable.map(({ column, isNotNull, name }) => {
      if (!isNotNull) return alter(column, "DROP NOT NULL");
      if (name === undefined) return alter(column, "SET NOT NULL");
      return `ALTER TABLE ${table} ADD CONSTRAINT ${name} NOT NULL ${quoteIdentifier(column)}`;
    }),
    ...change.addedConstraints.map(
      ({ name, definition }) =>
        `ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(name)} ${definition}`,
    ),
    ...change.more,
  ];
}

/** Types of one line are cast to each other by the server itself; all others by way of their values' text. */
const castable = [
  /^(smallint|integer|bigint|numeric|real|double precision)\b/,
  /^(boolean|integer)$/,
  /^(date|timestamp|time)\b/,
  /^(time|interval)\b/,
  /^(jsonb?)$/,
  /^(inet|cidr)$/,
  /^(bit|bit varying|integer|bigint)\b/,
];
const isText = /^(text|character|character varying|name|"char"|(?:\S+\.)?citext)\b/;

function hasCast(from: string, to: string): boolean {
  const [one, other] = [from, to].map((type) => type.replace(/(\[\])+$/, "")) as [string, string];
  const isOneArray = from.endsWith("]") !== to.endsWith("]");
  if (isOneArray) return [from, to].some((type) => !type.endsWith("]") && isText.test(type));
  if (isText.test(one) || isText.test(other)) return true;
  const base = (type: string) => type.replace(/\(.*\)/, "");
  if (base(one) === base(other)) return true;
  return castable.some((family) => family.test(one) && family.test(other));
}
