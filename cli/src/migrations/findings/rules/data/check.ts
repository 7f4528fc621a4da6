import { rowsProbe } from "../../probes/rows.ts";
import { ruleOn } from "../rule.ts";
import { constraintText, rows, shown } from "../words.ts";

export const checkViolated = ruleOn(["add-constraint", "validate-constraint"], {
  name: "check-violated",
  group: "data",
  severity: "note",
  what: "A check that rows do not fulfil: it fails",
  peers: [],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew) return undefined;
    const known =
      action.kind === "validate-constraint" ? schema.constraint(table, action.name) : undefined;
    const given = action.kind === "add-constraint" ? action.constraint : undefined;
    const kind = given?.kind ?? known?.kind;
    const expression = given?.expression ?? known?.expression;
    if (kind !== "check" || given?.notValid || given?.notEnforced || known?.isValid)
      return undefined;
    const name =
      given === undefined
        ? `the check ${action.kind === "validate-constraint" ? action.name : ""}`
        : constraintText(given);
    return {
      table,
      says: `fails if a row of ${shown(table)} does not fulfil ${name}`,
      probe:
        expression === undefined
          ? undefined
          : rowsProbe({
              schema,
              table,
              condition: `not (${expression})`,
              found: (count) => `${rows(count, "does", "do")} not fulfil it`,
              ifFound: "error",
              ifNone: undefined,
            }),
    };
  },
});
