import type { Constraint } from "libpg-query";
import type { TableModel } from "../findings/model/schema-model.ts";
import {
  endTransaction,
  freshName,
  isPartitioned,
  type Left,
  left,
  type Original,
  onlyChange,
  quoted,
  type Rewritten,
} from "./statement.ts";

/** A foreign key or check: NOT VALID at once, and validated when nobody waits for the lock any more. */
export function notValidFirst(original: Original): Rewritten | Left {
  const { action, text } = original;
  const change = onlyChange(original);
  if ("because" in change) return change;
  if (action.kind !== "add-constraint") return left("the constraint is written with its column");
  const { kind, name } = action.constraint;
  if (name === undefined) return left("the constraint has no name by which to validate it");
  if (kind === "foreign-key" && isPartitioned(original, change.table))
    return left("a foreign key of a partitioned table cannot be added NOT VALID everywhere");
  return {
    statements: [`${text} NOT VALID`, endTransaction, validate(change.name, name)],
    says: "adds the constraint NOT VALID, and validates it in a transaction of its own",
  };
}

/** A check proves it before, so that SET NOT NULL has nothing to look for. */
export function notNullByCheck(original: Original): Rewritten | Left {
  const { action, text } = original;
  const change = onlyChange(original);
  if ("because" in change) return change;
  if (action.kind !== "set-not-null") return left("there is no safe way for this statement");
  const proof = proofOf(change.table, change.name, action.column);
  return {
    statements: [...proof.before, text, ...proof.after],
    holds: true,
    says: "validates a check first, which proves that there is no null, and drops it afterwards",
  };
}

/** What stands before and behind a SET NOT NULL so that it takes a moment only. */
export function proofOf(
  table: TableModel,
  name: string,
  column: string,
): { before: string[]; after: string[]; check: string } {
  const check = freshName(table, `ds_${column}_is_not_null`);
  return {
    check,
    before: [
      `ALTER TABLE ${name} ADD CONSTRAINT ${quoted(check)} CHECK (${quoted(column)} IS NOT NULL) NOT VALID`,
      endTransaction,
      validate(name, check),
      endTransaction,
    ],
    after: [`ALTER TABLE ${name} DROP CONSTRAINT ${quoted(check)}`],
  };
}

/** The index is built while others write, and then becomes the constraint's. */
export function uniqueByIndex(original: Original): Rewritten | Left {
  const { action } = original;
  const change = onlyChange(original);
  if ("because" in change) return change;
  const { command, name: tableName, table } = change;
  const definition = command.def;
  if (action.kind !== "add-constraint" || definition === undefined || !("Constraint" in definition))
    return left("the constraint is written with its column");
  const { columns, kind, name, nullsNotDistinct } = action.constraint;
  const unlike = unlikeAnIndex(definition.Constraint);
  if (kind === "exclusion") return left("an exclusion cannot be made of an index that is there");
  if (name === undefined) return left("the constraint has no name for its index");
  if (unlike !== undefined) return left(unlike);
  if (isPartitioned(original, table))
    return left("an index of a partitioned table cannot be built concurrently");

  const isKey = kind === "primary-key";
  const nullable = isKey
    ? columns.filter((column) => table.columns.get(column)?.notNull !== true)
    : [];
  const proofs = nullable.map((column) => proofOf(table, tableName, column));
  const nulls = nullsNotDistinct ? " NULLS NOT DISTINCT" : "";
  return {
    statements: [
      `CREATE UNIQUE INDEX CONCURRENTLY ${quoted(name)} ON ${tableName} (${columns.map(quoted).join(", ")})${nulls}`,
      ...proofs.flatMap(({ before }) => before),
      `ALTER TABLE ${tableName} ADD CONSTRAINT ${quoted(name)} ${isKey ? "PRIMARY KEY" : "UNIQUE"} USING INDEX ${quoted(name)}${deferral(definition.Constraint)}`,
      ...proofs.flatMap(({ after }) => after),
    ],
    holds: true,
    says: "builds the unique index concurrently, and makes the constraint of it",
  };
}

/** Of what USING INDEX cannot say, or this does not write. */
function unlikeAnIndex(constraint: Constraint): string | undefined {
  const { including = [], indexspace, options = [], without_overlaps: overlaps } = constraint;
  if (overlaps) return "WITHOUT OVERLAPS cannot be made of an index that is there";
  if (including.length > 0 || options.length > 0 || indexspace)
    return "its index has INCLUDE, WITH or TABLESPACE";
  return undefined;
}

function deferral({ deferrable, initdeferred }: Constraint): string {
  if (!deferrable) return "";
  return initdeferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
}

/** In a transaction of its own, where it is in the one that still has the lock. */
export function validateApart({ text }: Original): Rewritten {
  return {
    statements: [endTransaction, text],
    says: "validates the constraint in a transaction of its own",
  };
}

const validate = (table: string, constraint: string): string =>
  `ALTER TABLE ${table} VALIDATE CONSTRAINT ${quoted(constraint)}`;
