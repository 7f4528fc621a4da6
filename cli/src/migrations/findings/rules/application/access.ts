import { ruleOn } from "../rule.ts";
import { column, shown } from "../words.ts";

export const rowSecurity = ruleOn(["row-security"], {
  name: "row-security",
  group: "application",
  severity: "warning",
  what: "Row security turned on or off",
  peers: ["pg-schema-diff AUTHZ_UPDATE"],
  find({ enabled, forced, table }, { actions, schema }) {
    // With policies in the same migration it is meant; without, every row is hidden.
    if (schema.table(table)?.isNew || (forced !== undefined && actions.length > 1))
      return undefined;
    const says = enabled
      ? `${forced === false ? "no longer forces" : forced ? "forces" : "turns on"} row security on ${shown(table)}: rows that no policy allows are hidden from the application`
      : `turns row security off on ${shown(table)}: every role that may read the table sees all rows`;
    return { table, says };
  },
});

export const changedPolicy = ruleOn(["policy"], {
  name: "changed-policy",
  group: "application",
  severity: "note",
  what: "A policy of row security made, changed or dropped on a table that was there",
  peers: ["pg-schema-diff AUTHZ_UPDATE"],
  find({ change, name, table }, { schema }) {
    if (schema.table(table)?.isNew) return undefined;
    const verb = { create: "adds", alter: "changes", drop: "drops" }[change];
    return {
      table,
      says: `${verb} the policy ${column(name)} of ${shown(table)}: which rows the application sees may change`,
    };
  },
});

export const revoked = ruleOn(["revoke"], {
  name: "revoked",
  group: "application",
  severity: "warning",
  what: "`REVOKE` on a table",
  peers: ["pg-schema-diff AUTHZ_UPDATE"],
  find: ({ privileges, tables }, { schema }) =>
    tables
      .filter((table) => !schema.table(table)?.isNew)
      .map((table) => ({
        table,
        says: `takes ${privileges.length === 0 ? "all rights" : privileges.join(", ")} on ${shown(table)} away from a role`,
      })),
});

export const droppedView = ruleOn(["drop-view"], {
  name: "drop-view",
  group: "application",
  severity: "note",
  what: "`DROP VIEW`; a warning with `CASCADE`",
  peers: [],
  find: ({ cascade, view }, { actions }) =>
    actions.some((one) => one.kind === "create-view" && one.view === view)
      ? undefined
      : {
          table: view,
          says: cascade
            ? `drops the view ${shown(view)} and every view that is made of it`
            : `drops the view ${shown(view)}: an application that runs may read it`,
          severity: cascade ? "warning" : "note",
        },
});
