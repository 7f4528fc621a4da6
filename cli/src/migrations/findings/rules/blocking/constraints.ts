import { quoteIdentifier } from "../../../../postgres/quote.ts";
import type { NewConstraint } from "../../actions/action.ts";
import type { SchemaModel } from "../../model/schema-model.ts";
import { type Found, ruleOn } from "../rule.ts";
import { column, constraintText, shown } from "../words.ts";

export const foreignKeyBlocks = ruleOn(["add-constraint", "add-column"], {
  name: "foreign-key-blocks-writes",
  group: "blocking",
  severity: "warning",
  what: "A foreign key without `NOT VALID` on a table that is there",
  peers: [
    "squawk adding-foreign-key-constraint",
    "squawk constraint-missing-not-valid",
    "atlas PG305",
    "eugene E1",
    "strong_migrations add_foreign_key",
  ],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew) return undefined;
    return constraintsOf(action)
      .filter(
        ({ kind, notEnforced, notValid }) => kind === "foreign-key" && !notValid && !notEnforced,
      )
      .map((constraint) => ({
        table,
        says: `checks every row of ${shown(table)} against ${constraintText(constraint)} while writes to it and to ${shown(constraint.references?.table ?? "")} wait`,
        instead: "add it NOT VALID, and validate it in a transaction of its own",
        // The values of a new column without a default are all null.
        ...(action.kind === "add-column" && action.column.default === undefined
          ? { severity: "note" as const }
          : {}),
      }));
  },
});

export const checkBlocks = ruleOn(["add-constraint"], {
  name: "check-blocks",
  group: "blocking",
  severity: "warning",
  what: "A check (or a NOT NULL constraint) without `NOT VALID` on a table that is there",
  peers: [
    "squawk constraint-missing-not-valid",
    "atlas PG306",
    "eugene E1",
    "strong_migrations add_check_constraint",
  ],
  find({ constraint, table }, { schema }) {
    const { columns, kind, notEnforced, notValid } = constraint;
    if (
      (kind !== "check" && kind !== "not-null") ||
      notValid ||
      notEnforced ||
      schema.table(table)?.isNew
    )
      return undefined;
    if (kind === "not-null" && columns.every((name) => schema.column(table, name)?.notNull))
      return undefined;
    return {
      table,
      says: `checks every row of ${shown(table)} against ${constraintText(constraint)} while reads and writes wait`,
      instead: "add it NOT VALID, and validate it in a transaction of its own",
    };
  },
});

export const uniqueBlocks = ruleOn(["add-constraint", "add-column"], {
  name: "unique-blocks",
  group: "blocking",
  severity: "warning",
  what: "A unique constraint, primary key or exclusion that builds its index on a table that is there",
  peers: [
    "squawk disallow-unique-constraint",
    "squawk adding-primary-key-constraint",
    "atlas PG104",
    "eugene E7",
    "eugene E8",
    "strong_migrations add_unique_constraint",
  ],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew) return undefined;
    return constraintsOf(action)
      .filter(({ kind }) => kind === "unique" || kind === "primary-key" || kind === "exclusion")
      .filter(({ usingIndex }) => usingIndex === undefined)
      .map(
        (constraint): Found => ({
          table,
          says: `builds the index of ${constraintText(constraint)} while reads and writes of ${shown(table)} wait`,
          instead:
            constraint.kind === "exclusion"
              ? undefined
              : "create the unique index concurrently, and add the constraint using it",
        }),
      );
  },
});

export const notNullScans = ruleOn(["set-not-null"], {
  name: "not-null-blocks",
  group: "blocking",
  severity: "warning",
  what: "`SET NOT NULL` where no valid check proves it",
  peers: [
    "squawk adding-not-null-field",
    "atlas PG303",
    "eugene E2",
    "strong_migrations change_column_null",
  ],
  find(action, { schema }) {
    const { table } = action;
    const old = schema.column(table, action.column);
    if (schema.table(table)?.isNew || old?.notNull || isProven(schema, table, action.column))
      return undefined;
    return {
      table,
      says: `looks for a null in ${column(action.column)} of ${shown(table)} while reads and writes wait`,
      instead:
        "add a check NOT VALID that it is not null, validate it in a transaction of its own, then set NOT NULL and drop the check",
    };
  },
});

export const validatesAtOnce = ruleOn(["validate-constraint"], {
  name: "validate-in-same-transaction",
  group: "blocking",
  severity: "warning",
  what: "`VALIDATE CONSTRAINT` in the transaction that still holds the lock of `ADD CONSTRAINT`",
  peers: [
    "squawk constraint-missing-not-valid",
    "strong_migrations validate_foreign_key",
    "pgfence",
  ],
  find({ name, table }, { schema, transaction }) {
    if (schema.table(table)?.isNew || transaction.alteredAt(schema.qualified(table)) === undefined)
      return undefined;
    return {
      table,
      says: `validates ${column(name)} in the transaction that has altered ${shown(table)}: writes wait all the while`,
      instead: "end the transaction before it: a COMMIT between the two is a step of its own",
    };
  },
});

export const domainScans = ruleOn(["constrain-domain"], {
  name: "domain-constraint-blocks",
  group: "blocking",
  severity: "warning",
  what: "A constraint added to a domain that columns have",
  peers: ["squawk ban-alter-domain-with-add-constraint"],
  find: ({ notValid, type }) =>
    notValid
      ? undefined
      : {
          says: `checks every column of the domain ${shown(type)}, while writes to their tables wait`,
          instead: "add it NOT VALID, and validate it in a transaction of its own",
        },
});

function constraintsOf(
  action:
    | { kind: "add-constraint"; constraint: NewConstraint }
    | { kind: "add-column"; column: { constraints: NewConstraint[] } },
): NewConstraint[] {
  return action.kind === "add-column" ? action.column.constraints : [action.constraint];
}

function isProven(schema: SchemaModel, table: string, name: string): boolean {
  const says = new RegExp(`^\\(*\\s*"?${escaped(name)}"?\\s+is\\s+not\\s+null\\s*\\)*$`, "i");
  return (schema.table(table)?.constraints ?? []).some(
    ({ expression, isValid, kind }) =>
      kind === "check" &&
      isValid &&
      expression !== undefined &&
      (says.test(expression) || expression === `${quoteIdentifier(name)} IS NOT NULL`),
  );
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
