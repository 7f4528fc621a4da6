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
    ...change.retyped.map(({ after, isSwapped }) => {
      const collation = after.attributes.get("COLLATE");
      const collate = collation === undefined ? "" : ` COLLATE ${collation}`;
      // Of a type to another one of its name no cast leads but by the values' text.
      const text = after.type.endsWith("[]") ? "text[]::" : "text::";
      const value = `${quoteIdentifier(after.name)}::${isSwapped ? text : ""}${after.type}`;
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
