import type { Phases } from "../../../src/refresh/model/phases.ts";
import type { Reference, RefreshPlan, TablePlan } from "../../../src/refresh/model/plan.ts";

/** Plans of tables in `public`, written by hand. */
export function tablePlan(
  name: string,
  kind: TablePlan["class"],
  columns: (string | { name: string; expression: string; mask?: string })[],
  filter?: string,
): TablePlan {
  return {
    table: { schema: "public", name },
    from: `public.${name}`,
    class: kind,
    filter,
    followed: kind === "shared" ? "true" : undefined,
    nobodys: undefined,
    alternatives: [],
    path: [],
    format: "binary",
    columns: columns.map((column) =>
      typeof column === "string"
        ? { name: column, expression: `t.${column}`, mask: undefined }
        : { mask: undefined, ...column },
    ),
    estimatedRows: 100,
    bytes: 8192,
  };
}

/** `child(a, b) -> parent(c, d)`. */
export function reference(name: string, path: string, more: Partial<Reference> = {}): Reference {
  const [, child = "", from = "", parent = "", to = ""] =
    /^(\w+)\((.*)\) -> (\w+)\((.*)\)$/.exec(path) ?? [];
  return {
    name,
    child: { schema: "public", name: child },
    childColumns: from.split(", "),
    parent: { schema: "public", name: parent },
    parentColumns: to.split(", "),
    childKey: from.split(", ").map((column) => `c.${column}`),
    parentKey: to.split(", ").map((column) => `t.${column}`),
    emptied: from.split(", "),
    condition: undefined,
    declared: false,
    match: "simple",
    crossTenant: "fail",
    ...more,
  };
}

export const planOf = (tables: TablePlan[], references: Reference[], value = "1"): RefreshPlan => ({
  tenant: { table: { schema: "public", name: "organizations" }, key: "id", value },
  tables,
  references,
});

/** Phases that nobody looks at. */
export const silentPhases: Phases = {
  run: (_name, _title, work) => work({ update: () => {}, finish: () => {} }),
};
