import type { Action, NewColumn } from "../../actions/action.ts";
import { type Rule, ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

interface TypeRule {
  name: string;
  what: string;
  peers: readonly string[];
  says(column: TypedColumn): string | undefined;
}

/** A column that is made, or of which the type becomes another. */
type TypedColumn = Pick<NewColumn, "name" | "type" | "serial" | "identity" | "constraints">;

function madeBy(
  action: Extract<Action, { kind: "add-column" | "create-table" | "set-type" }>,
): readonly TypedColumn[] {
  if (action.kind === "create-table") return action.columns;
  if (action.kind === "add-column") return [action.column];
  const { column: name, type } = action;
  return [{ name, type, serial: false, identity: false, constraints: [] }];
}

/** Of each of them. */
function onColumns({ says, ...rest }: TypeRule): Rule {
  return ruleOn(["add-column", "create-table", "set-type"], {
    ...rest,
    group: "style",
    severity: "note",
    off: true,
    find(action) {
      const made = madeBy(action);
      return made.flatMap((one) => {
        const sentence = says(one);
        return sentence === undefined
          ? []
          : [
              {
                table: action.table,
                says: `${column(one.name)} of ${shown(action.table)} ${sentence}`,
              },
            ];
      });
    },
  });
}

export const typeRules: readonly Rule[] = [
  onColumns({
    name: "prefer-bigint",
    what: "A key of 32 or 16 bits",
    peers: ["squawk prefer-bigint-over-int", "squawk prefer-bigint-over-smallint", "eugene E"],
    says: ({ constraints, identity, serial, type }) =>
      (serial || identity || constraints.some(({ kind }) => kind === "primary-key")) &&
      /^int[24]$/.test(type.name)
        ? "is numbered by an integer, which ends at 2 billion (or 32,767): bigint does not"
        : undefined,
  }),
  onColumns({
    name: "prefer-identity",
    what: "A serial column",
    peers: ["squawk prefer-identity"],
    says: ({ serial }) =>
      serial
        ? "is a serial: an identity is the standard's, and needs no rights on a sequence"
        : undefined,
  }),
  onColumns({
    name: "prefer-text",
    what: "`varchar(n)` or `char(n)`",
    peers: ["squawk prefer-text-field", "squawk ban-char-field"],
    says: ({ type }) =>
      type.name === "bpchar"
        ? "is a char, which is filled up with blanks: text is not"
        : type.name === "varchar" && type.modifiers.length > 0
          ? "is a varchar with a limit: text with a check is changed without a rewrite"
          : undefined,
  }),
  onColumns({
    name: "prefer-timestamptz",
    what: "`timestamp` without a time zone",
    peers: ["squawk prefer-timestamptz", "eugene"],
    says: ({ type }) =>
      type.name === "timestamp"
        ? "is a timestamp without a time zone: timestamptz says which moment is meant"
        : undefined,
  }),
  onColumns({
    name: "prefer-jsonb",
    what: "`json`",
    peers: ["strong_migrations add_column_json", "eugene E3"],
    says: ({ type }) =>
      type.name === "json"
        ? "is a json, which has no equality: select distinct and group by fail; jsonb has one"
        : undefined,
  }),
];
