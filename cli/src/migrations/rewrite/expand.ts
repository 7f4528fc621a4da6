import type { ColumnModel, TableModel } from "../findings/model/schema-model.ts";
import { batchesComment } from "../sql/batches.ts";
import { proofOf } from "./constraints.ts";
import {
  bareTable,
  freshName,
  type Left,
  left,
  type Original,
  onlyChange,
  quoted,
  type Rewritten,
  topTokens,
} from "./statement.ts";

/**
 * Changes that what runs would not survive, or that would store every row anew, over several deployments: the new
 * column beside the old one, both kept in step by a trigger, the rows filled in batches. What is left is for later.
 */

/** A change of type: a second column that has the values in the new type, until the names are exchanged. */
export function typeBeside(original: Original): Rewritten | Left {
  const { action, text } = original;
  const change = onlyChange(original);
  if ("because" in change) return change;
  if (action.kind !== "set-type") return left("there is no safe way for this statement");
  const { name, table } = change;
  const old = table.columns.get(action.column);
  const because = whyNotDoubled(original, table, old);
  if (because !== undefined || old === undefined) return left(because ?? "the column is not known");
  const type = typeText(text);
  if (type === undefined) return left("its type could not be read");

  const from = quoted(old.name);
  const beside = freshName(table, `${old.name}__new`);
  const to = quoted(beside);
  const value = action.using ?? `${from}::${type}`;
  const step = inStep(table, old.name, [
    `NEW.${to} := (SELECT ${value} FROM (SELECT NEW.*) AS ${quoted(bareTable(table))});`,
  ]);
  const proof = old.notNull ? proofOf(table, name, beside) : undefined;
  const past = quoted(freshName(table, `${old.name}__old`));
  return {
    statements: [
      `ALTER TABLE ${name} ADD COLUMN ${to} ${type}`,
      ...step.make(name),
      `${batchesComment}\nUPDATE ${name} SET ${to} = ${value} WHERE ${to} IS DISTINCT FROM ${value}`,
      // The last one ends a transaction that nothing follows in.
      ...(proof?.before.slice(0, -1) ?? []),
    ],
    says: `adds ${to} of the new type beside ${from}, keeps it in step by a trigger, and fills it in batches`,
    later: [
      {
        name: "switch",
        when: "when this migration is applied everywhere: the new type takes the name, in a moment",
        statements: [
          ...step.drop(name),
          `ALTER TABLE ${name} RENAME COLUMN ${from} TO ${past}`,
          `ALTER TABLE ${name} RENAME COLUMN ${to} TO ${from}`,
          ...(proof === undefined
            ? []
            : [
                `ALTER TABLE ${name} ALTER COLUMN ${past} DROP NOT NULL`,
                `ALTER TABLE ${name} ALTER COLUMN ${from} SET NOT NULL`,
                ...proof.after,
              ]),
        ],
      },
      {
        name: "drop",
        when: "when nobody wants the values in the old type back",
        statements: [`ALTER TABLE ${name} DROP COLUMN ${past}`],
      },
    ],
  };
}

/** A column of the new name beside the old one: both are written to, whichever an application knows. */
export function columnBeside(original: Original): Rewritten | Left {
  const { action, node, schema } = original;
  if (action.kind !== "rename" || !("RenameStmt" in node) || node.RenameStmt.missing_ok)
    return left("there is no safe way for this statement");
  const { from: oldName, table: name, to: newName } = action;
  const table = schema.table(name);
  const old = table?.columns.get(oldName);
  const because =
    table === undefined ? "the table is not known" : whyNotDoubled(original, table, old);
  if (because !== undefined || table === undefined || old === undefined)
    return left(because ?? "the column is not known");
  const [from, to] = [quoted(oldName), quoted(newName)];
  const step = inStep(table, oldName, [
    `IF TG_OP = 'INSERT' THEN`,
    `  IF NEW.${to} IS NULL THEN NEW.${to} := NEW.${from}; ELSE NEW.${from} := NEW.${to}; END IF;`,
    `ELSIF NEW.${to} IS DISTINCT FROM OLD.${to} THEN NEW.${from} := NEW.${to};`,
    `ELSE NEW.${to} := NEW.${from}; END IF;`,
  ]);
  const proof = old.notNull ? proofOf(table, name, newName) : undefined;
  return {
    statements: [
      `ALTER TABLE ${name} ADD COLUMN ${to} ${modelType(old)}`,
      ...step.make(name),
      `${batchesComment}\nUPDATE ${name} SET ${to} = ${from} WHERE ${to} IS DISTINCT FROM ${from}`,
      ...(proof === undefined
        ? []
        : [...proof.before, `ALTER TABLE ${name} ALTER COLUMN ${to} SET NOT NULL`, ...proof.after]),
    ],
    says: `adds ${to} beside ${from}, keeps both in step by a trigger, and fills it in batches`,
    later: [
      {
        name: "drop",
        when: `when every application that runs says ${to}`,
        statements: [...step.drop(name), `ALTER TABLE ${name} DROP COLUMN ${from}`],
      },
    ],
  };
}

/** A table under its new name, and a view of the old one for who still says that. */
export function viewOfOldName(original: Original): Rewritten | Left {
  const { action, node, schema, text } = original;
  if (action.kind !== "rename" || action.what !== "table" || !("RenameStmt" in node))
    return left("there is no safe way for this statement");
  const table = schema.table(action.table);
  if (table === undefined || node.RenameStmt.missing_ok) return left("the table is not known");
  const schemaPart = table.name.slice(0, table.name.length - quoted(bareTable(table)).length);
  const renamed = `${schemaPart}${quoted(action.to)}`;
  return {
    statements: [
      text,
      `CREATE VIEW ${table.name} WITH (security_invoker = true) AS SELECT * FROM ${renamed}`,
    ],
    says: "leaves a view with the old name, which can be written to as well",
    later: [
      {
        name: "drop",
        when: `when every application that runs says ${quoted(action.to)}`,
        statements: [`DROP VIEW ${table.name}`],
      },
    ],
  };
}

/** What is on a column would have to be made a second time. */
function whyNotDoubled(
  { bound }: Original,
  table: TableModel,
  column: ColumnModel | undefined,
): string | undefined {
  if (column === undefined) return "the column is not known";
  if (bound.has(`${table.name}.${quoted(column.name)}`))
    return "a view, policy, privilege, comment or the like is on the column: it would not go over to another one";
  if (column.hasDefault || column.identity || column.generated)
    return "the column has a default, or the database numbers or computes it: a second one would have it twice";
  const constraint = table.constraints.find(
    ({ columns, kind }) => kind !== "not-null" && columns.includes(column.name),
  );
  if (constraint !== undefined)
    return `the constraint ${constraint.name ?? constraint.kind} is on the column`;
  const index = table.indexes.find(
    ({ columns, partial }) =>
      partial || columns.includes(undefined) || columns.includes(column.name),
  );
  return index === undefined
    ? undefined
    : `the index ${index.name ?? ""} is, or may be, on the column`;
}

interface InStep {
  make(table: string): string[];
  drop(table: string): string[];
}

/** A trigger that is the last one of its kind: others may change the row before. */
function inStep(table: TableModel, column: string, body: readonly string[]): InStep {
  const bare = freshName(table, `zz_ds_${bareTable(table)}_${column}`);
  const schemaPart = table.name.slice(0, table.name.length - quoted(bareTable(table)).length);
  const routine = `${schemaPart}${quoted(bare)}()`;
  const lines = ["BEGIN", ...body.map((line) => `  ${line}`), "  RETURN NEW;", "END"];
  return {
    make: (name) => [
      `CREATE FUNCTION ${routine} RETURNS trigger LANGUAGE plpgsql AS $ds$\n${lines.join("\n")}\n$ds$`,
      `CREATE TRIGGER ${quoted(bare)} BEFORE INSERT OR UPDATE ON ${name} FOR EACH ROW EXECUTE FUNCTION ${routine}`,
    ],
    drop: (name) => [`DROP TRIGGER ${quoted(bare)} ON ${name}`, `DROP FUNCTION ${routine}`],
  };
}

/** Behind TYPE, before USING. */
function typeText(text: string): string | undefined {
  const tokens = [...topTokens(text)];
  const type = tokens.find(({ word }) => word === "type");
  const using = tokens.find(({ start, word }) => word === "using" && start > (type?.end ?? 0));
  return type === undefined ? undefined : text.slice(type.end, using?.start).trim();
}

function modelType({ type: { array, modifiers, quoted: name } }: ColumnModel): string {
  return `${name}${modifiers.length > 0 ? `(${modifiers.join(", ")})` : ""}${array ? "[]" : ""}`;
}
