import type { ClusterStmt, RefreshMatViewStmt, ReindexStmt, VacuumStmt } from "libpg-query";
import { hasOption } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import type { StatementPlan } from "./modes.ts";
import { effects, named, on, together, withFamily, withPartitions } from "./parts.ts";

/** Statements that leave schema and rows as they are. */

export function planRefresh(
  { concurrent, relation, skipData }: RefreshMatViewStmt,
  catalogue: LockCatalogue,
): StatementPlan {
  const views = named(relation);
  const behind = skipData ? [] : views.flatMap((view) => catalogue.madeOf(view));
  return {
    ...together(
      on(views, concurrent ? "EXCLUSIVE" : "ACCESS EXCLUSIVE"),
      on(
        behind.flatMap((table) => catalogue.family(table)),
        "ACCESS SHARE",
      ),
    ),
    effects: effects("rewrite", views, "the view is computed anew"),
  };
}

export function planCluster({ relation }: ClusterStmt, catalogue: LockCatalogue): StatementPlan {
  return {
    ...on(withPartitions(relation, catalogue), "ACCESS EXCLUSIVE"),
    effects: effects("rewrite", named(relation), "the rows are put in order"),
  };
}

export function planVacuum(statement: VacuumStmt, catalogue: LockCatalogue): StatementPlan {
  const { is_vacuumcmd: isVacuum, options, rels } = statement;
  const full = isVacuum && hasOption(options, "full");
  const relations = (rels ?? []).flatMap((rel) =>
    "VacuumRelation" in rel ? (rel.VacuumRelation.relation ?? []) : [],
  );
  const tables =
    rels === undefined
      ? catalogue.tables()
      : relations.flatMap((relation) =>
          isVacuum ? withPartitions(relation, catalogue) : withFamily(relation, catalogue),
        );
  return {
    ...on(tables, full ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
    effects: full ? effects("rewrite", tables, "VACUUM FULL copies the table") : [],
  };
}

export function planReindex(statement: ReindexStmt, catalogue: LockCatalogue): StatementPlan {
  const { kind, name, params, relation } = statement;
  const several = kind !== "REINDEX_OBJECT_INDEX" && kind !== "REINDEX_OBJECT_TABLE";
  const parts = several
    ? catalogue.tables(kind === "REINDEX_OBJECT_SCHEMA" ? name : undefined)
    : withPartitions(relation, catalogue);
  const concurrently = hasOption(params, "concurrently");
  const tables = parts.map((one) => catalogue.tableOfIndex(one) ?? one);
  const indexes =
    kind === "REINDEX_OBJECT_INDEX" ? parts : parts.flatMap((one) => catalogue.indexesOf(one));
  return {
    ...(concurrently
      ? on(tables, "SHARE UPDATE EXCLUSIVE")
      : // Who plans a query on a table looks at all of its indexes, so that reads wait as well.
        together(on(tables, "SHARE"), on(indexes, "ACCESS EXCLUSIVE"))),
    effects: effects("scan", tables, "the index is built anew"),
  };
}
