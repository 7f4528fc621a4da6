import { bareName } from "../../actions/names.ts";
import { ruleOn } from "../rule.ts";
import { column, columns, constraintText, shown } from "../words.ts";

export const keyWithoutIndex = ruleOn(["add-constraint"], {
  name: "foreign-key-without-index",
  group: "style",
  severity: "note",
  off: true,
  what: "A foreign key whose columns no index begins with",
  peers: ["eugene E15", "schemacrawler"],
  find({ constraint, table }, { actions, schema }) {
    const model = schema.table(table);
    if (constraint.kind !== "foreign-key" || model === undefined) return undefined;
    const made = actions.flatMap((one) => (one.kind === "create-index" ? [one.index] : []));
    const covers = (on: readonly (string | undefined)[]) =>
      constraint.columns.every((name) => on.slice(0, constraint.columns.length).includes(name));
    if ([...model.indexes, ...made].some(({ columns: on, partial }) => !partial && covers(on)))
      return undefined;
    return {
      table,
      says: `no index of ${shown(table)} begins with the columns of ${constraintText(constraint)}: each delete in ${shown(constraint.references?.table ?? "")} reads all of it`,
    };
  },
});

export const duplicateIndex = ruleOn(["create-index"], {
  name: "duplicate-index",
  group: "style",
  severity: "note",
  off: true,
  what: "An index on the columns that another one has",
  peers: ["pgfence"],
  find({ index, table }, { schema }) {
    if (index.partial || index.columns.includes(undefined)) return undefined;
    const twin = schema
      .table(table)
      ?.indexes.find(
        ({ columns: on, name, partial, unique }) =>
          !partial &&
          name !== index.name &&
          (unique || !index.unique) &&
          on.join("\0") === index.columns.join("\0"),
      );
    return twin === undefined
      ? undefined
      : {
          table,
          says: `an index of ${shown(table)} on ${columns(index.columns.flatMap((name) => name ?? []))} is there already${twin.name === undefined ? "" : `: ${column(twin.name)}`}`,
        };
  },
});

export const wideIndex = ruleOn(["create-index"], {
  name: "wide-index",
  group: "style",
  severity: "note",
  off: true,
  what: "An index of more than three columns",
  peers: ["strong_migrations add_index_columns"],
  find: ({ index, table }) =>
    index.columns.length > 3 && !index.unique
      ? {
          table,
          says: `an index of ${index.columns.length} columns: more than three are seldom worth their writes`,
        }
      : undefined,
});

export const notRepeatable = ruleOn(["create-index", "drop-index"], {
  name: "prefer-if-exists",
  group: "style",
  severity: "note",
  off: true,
  what: "A step outside of a transaction without `IF [NOT] EXISTS`",
  peers: ["squawk prefer-robust-stmts"],
  find(action, { alone }) {
    const { exists, table } =
      action.kind === "create-index"
        ? { exists: action.index.ifNotExists, table: action.table }
        : { exists: action.ifExists, table: undefined };
    if (!alone || exists) return undefined;
    return {
      table,
      says: "runs outside of a transaction: with IF [NOT] EXISTS another tool could repeat it",
    };
  },
});

export const enumOrder = ruleOn(["add-enum-value"], {
  name: "enum-order",
  group: "style",
  severity: "note",
  off: true,
  what: "`ADD VALUE` without `BEFORE` or `AFTER`",
  peers: ["squawk require-enum-value-ordering"],
  find: ({ placed, type, value }) =>
    placed
      ? undefined
      : {
          says: `'${value}' becomes the last value of ${column(bareName(type))}: BEFORE or AFTER would say where it belongs`,
        },
});

export const constrainedDomain = ruleOn(["create-domain"], {
  name: "constrained-domain",
  group: "style",
  severity: "note",
  off: true,
  what: "A domain with a constraint, which is hard to change later",
  peers: ["squawk ban-create-domain-with-constraint"],
  find: ({ constrained, type }) =>
    constrained
      ? {
          says: `the domain ${shown(type)} has a constraint: to change it checks every column of it`,
        }
      : undefined,
});
