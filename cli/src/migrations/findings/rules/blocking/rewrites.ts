import { typeText } from "../../actions/names.ts";
import { ruleOn } from "../rule.ts";
import { storesAnew } from "../types.ts";
import { column, shown } from "../words.ts";

export const typeRewrites = ruleOn(["set-type"], {
  name: "type-rewrites",
  group: "blocking",
  severity: "warning",
  what: "`ALTER COLUMN … TYPE` that stores every row anew",
  peers: [
    "squawk changing-column-type",
    "atlas PG301",
    "eugene E5",
    "strong_migrations change_column",
  ],
  find(action, { schema }) {
    const { table, type } = action;
    const old = schema.column(table, action.column);
    if (schema.table(table)?.isNew || (old !== undefined && !storesAnew(old.type, type)))
      return undefined;
    return {
      table,
      says: `stores every row of ${shown(table)} anew to make ${typeText(type)} of ${column(action.column)}, while reads and writes wait`,
      instead:
        "add a column of the new type, keep both in step by a trigger, fill it in batches, and change over in a later deployment",
    };
  },
});

export const columnRewrites = ruleOn(["add-column", "set-expression"], {
  name: "column-rewrites",
  group: "blocking",
  severity: "warning",
  what: "`ADD COLUMN` with a volatile default, an identity, a serial or a stored expression",
  peers: [
    "squawk adding-field-with-default",
    "atlas PG302",
    "eugene E11",
    "strong_migrations add_column_default",
  ],
  find(action, { schema }) {
    const { table } = action;
    if (schema.table(table)?.isNew) return undefined;
    const anew = `stores every row of ${shown(table)} anew`;
    const wait = "while reads and writes wait";
    if (action.kind === "set-expression") {
      return { table, says: `${anew} to compute ${column(action.column)} again, ${wait}` };
    }
    const { default: given, generated, identity, name, serial } = action.column;
    if (generated === "stored") {
      return {
        table,
        says: `${anew} to compute ${column(name)}, ${wait}`,
        instead: "a virtual column is computed as it is read",
      };
    }
    if (identity || serial) return { table, says: `${anew} to number ${column(name)}, ${wait}` };
    if (given?.volatile === undefined) return undefined;
    return {
      table,
      says: `${anew}, ${wait}: ${given.volatile}`,
      instead:
        "add it without the default, set the default, and fill the rows that are there in batches",
    };
  },
});

export const tableRewrites = ruleOn(["rewrite-table", "vacuum-full", "cluster"], {
  name: "table-rewrites",
  group: "blocking",
  severity: "warning",
  what: "`SET LOGGED`, `SET TABLESPACE`, `SET ACCESS METHOD`, `VACUUM FULL`, `CLUSTER`",
  peers: ["squawk prefer-repack", "atlas PG304"],
  find(action, { schema }) {
    const { table } = action;
    if (table !== undefined && schema.table(table)?.isNew) return undefined;
    const by = { "rewrite-table": "", "vacuum-full": "VACUUM FULL", cluster: "CLUSTER" }[
      action.kind
    ];
    const what = table === undefined ? "every table" : `every row of ${shown(table)}`;
    return {
      table,
      says: `stores ${what} anew (${action.kind === "rewrite-table" ? action.by : by}) while reads and writes wait`,
    };
  },
});

export const refreshBlocks = ruleOn(["refresh-view"], {
  name: "refresh-blocks",
  group: "blocking",
  severity: "warning",
  what: "`REFRESH MATERIALIZED VIEW` without `CONCURRENTLY`",
  peers: ["strong_migrations", "pgfence"],
  find: ({ concurrently, view }, { schema }) =>
    concurrently || schema.table(view)?.isNew
      ? undefined
      : {
          table: view,
          says: `computes ${shown(view)} anew while reads of it wait`,
          instead: "refresh materialized view concurrently, with a unique index on it",
        },
});
