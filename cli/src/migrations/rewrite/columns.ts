import type { ColumnDef } from "libpg-query";
import { batchesComment } from "../sql/batches.ts";
import { proofOf } from "./constraints.ts";
import {
  type Left,
  left,
  type Original,
  onlyChange,
  quoted,
  type Rewritten,
  topTokens,
} from "./statement.ts";

/** A column whose default is another one in every row: empty first, then filled in batches. */
export function columnInBatches(original: Original): Rewritten | Left {
  const { action, text } = original;
  const change = onlyChange(original);
  if ("because" in change) return change;
  const definition = change.command.def;
  if (action.kind !== "add-column" || definition === undefined || !("ColumnDef" in definition))
    return left("there is no safe way for this statement");
  if (action.ifNotExists)
    return left("IF NOT EXISTS leaves open whether there is a column to fill");
  const { column } = action;
  if (column.identity || column.serial)
    return left("the rows that are there would have to be numbered");
  if (column.generated !== undefined) return left("the database computes the column itself");
  if (column.constraints.length > 0)
    return left("the column has constraints: add them by themselves");
  const parts = partsOf(definition.ColumnDef, text);
  if (parts?.given === undefined) return left("its default could not be read");

  const { name, table } = change;
  const own = quoted(column.name);
  const proof = column.notNull ? proofOf(table, name, column.name) : undefined;
  return {
    statements: [
      `ALTER TABLE ${name} ADD COLUMN ${own} ${parts.type}`,
      `ALTER TABLE ${name} ALTER COLUMN ${own} SET DEFAULT ${parts.given}`,
      `${batchesComment}\nUPDATE ${name} SET ${own} = DEFAULT WHERE ${own} IS NULL`,
      ...(proof === undefined
        ? []
        : [
            ...proof.before,
            `ALTER TABLE ${name} ALTER COLUMN ${own} SET NOT NULL`,
            ...proof.after,
          ]),
    ],
    ...(proof && { holds: true }),
    says: "adds the column empty, and fills the rows that are there in batches",
  };
}

/** An UPDATE that can be done in batches as it is. */
export function updateInBatches({ text }: Original): Rewritten {
  return {
    statements: [`${batchesComment}\n${text}`],
    says: "the rows are changed in batches, each committed by itself",
  };
}

/** The texts of a new column's type and of its default. */
function partsOf(
  { constraints = [], location: column = 0 }: ColumnDef,
  text: string,
): { type: string; given: string | undefined } | undefined {
  const bytes = Buffer.from(text);
  const unitsAt = (byte: number) => bytes.toString("utf8", 0, byte).length;
  const begin = unitsAt(column);
  const name = [...topTokens(text)].find(({ start }) => start >= begin);
  if (name === undefined) return undefined;
  const places: { kind: string; at: number }[] = [];
  for (const node of constraints) {
    if (!("Constraint" in node) || node.Constraint.location === undefined) return undefined;
    places.push({ kind: node.Constraint.contype ?? "", at: unitsAt(node.Constraint.location) });
  }
  places.sort((a, b) => a.at - b.at);
  const endOf = (index: number) => places[index]?.at ?? text.length;
  const at = places.findIndex(({ kind }) => kind === "CONSTR_DEFAULT");
  const given = at === -1 ? undefined : text.slice(places[at]?.at, endOf(at + 1));
  // COLLATE may stand between constraints, which is not looked for there.
  if (places.some(({ at: from }, index) => /\bcollate\b/i.test(text.slice(from, endOf(index + 1)))))
    return undefined;
  return {
    type: text.slice(name.end, endOf(0)).trim(),
    given: given?.replace(/^default\s+/i, "").trim(),
  };
}
