import type { CrossTenant } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { keyText, shownColumn, shownName } from "../model/names.ts";
import { isTaken, type Reference, type TablePlan } from "../model/plan.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { childKey, columnOf, type Link, type Schema, shownLink, typeCondition } from "./links.ts";
import { anyOf, type Classified, type Owned, throughLink } from "./ownership.ts";

export type Policies = (link: Link) => CrossTenant;

/** What becomes of a row of the organization that refers to another one's. */
export function crossTenantPolicies(
  { crossTenant }: RefreshRules,
  links: Link[],
  problems: Problem[],
): Policies {
  if (typeof crossTenant === "string") {
    return (link) =>
      crossTenant === "null" && emptiedColumns(link).length === 0 ? "fail" : crossTenant;
  }
  const { "*": others = "fail", ...named } = crossTenant;
  for (const [name, policy] of Object.entries(named)) {
    const problem = (reason: ProblemReason) =>
      problems.push({ kind: "rules", subject: `crossTenant: ${name}`, reason });
    const meant = links.filter((link) => namesOf(link).includes(name));
    if (meant.length === 0) problem({ code: "NO_SUCH_REFERENCE" });
    if (policy === "null" && meant.some((link) => emptiedColumns(link).length === 0)) {
      problem({ code: "CANNOT_BE_EMPTIED" });
    }
  }
  return (link) => {
    const policy = namesOf(link)
      .map((name) => named[name])
      .find((policy) => policy !== undefined);
    if (policy !== undefined) return policy;
    return others === "null" && emptiedColumns(link).length === 0 ? "fail" : others;
  };
}

/** `comments.reply_to_id`; of several columns all in one name, and each by itself. */
const namesOf = (link: Link): string[] => [
  shownLink(link),
  ...link.childColumns.map((column) => shownColumn(link.child, column)),
];

/** Columns that can be NULL so that the reference is none; of `MATCH FULL` it has to be all of them. */
function emptiedColumns({ child, childColumns, match }: Link): string[] {
  const free = childColumns.filter((name) => {
    const column = columnOf(child, name);
    return column && !column.notNull && !column.generated;
  });
  return match === "full" && free.length < childColumns.length ? [] : free;
}

/** Foreign keys and declared references whose parents may have to be fetched. */
export function planReferences(
  { links, catalogue }: Schema,
  tables: Classified[],
  policies: Policies,
  parentExpression: (link: Link, column: string) => string,
): Reference[] {
  const classOf = (of: { schema: string; name: string }) =>
    tables.find(({ table }) => table.schema === of.schema && table.name === of.name)?.class;
  return links.flatMap((link) => {
    const child = classOf(link.child) ?? (link.child.kind === "partition" ? "direct" : "skip");
    const parent = classOf(link.parent) ?? "skip";
    if (child === "skip" || (child === "keep" && parent === "keep")) return [];
    // What is kept brings nothing along, but its references have to hold in the end.
    if (child !== "keep" && (parent === "skip" || parent === "reference")) return [];
    const { name, childColumns, parentColumns, match } = link;
    return [
      {
        name: link.type === undefined ? name : `${name} (${link.type.value})`,
        child: { schema: link.child.schema, name: link.child.name },
        childColumns,
        parent: { schema: link.parent.schema, name: link.parent.name },
        parentColumns,
        childKey: childKey(link, "c", catalogue),
        parentKey: parentColumns.map((column) => parentExpression(link, column)),
        condition: typeCondition(link, "c"),
        declared: link.declared,
        match,
        crossTenant: policies(link),
        emptied: emptiedColumns(link),
      },
    ];
  });
}

/** Other NOT NULL references to the organization's rows, which have to lead to the same organization. */
export function alternativesOf(
  classified: Classified,
  tables: Classified[],
  { links, catalogue }: Schema,
  policies: Policies,
): TablePlan["alternatives"] {
  if (!("through" in classified)) return [];
  return links.flatMap((link) => {
    if (link.child !== classified.table || link.parent === link.child) return [];
    if (!link.notNull || link.type !== undefined || classified.through.includes(link)) return [];
    const parent = tables.find(({ table }) => table === link.parent);
    if (!parent || !("through" in parent) || policies(link) !== "fail") return [];
    return [
      {
        path: [shownName(link.child), ...parent.path],
        filter: throughLink({ link, parent }, { alias: "t", depth: 1 }, catalogue, also(parent)),
      },
    ];
  });
}

/** Its rows that may have come: also those of nobody that others refer to. */
const also = ({ condition, nobody: { shared } }: Owned) =>
  anyOf(shared === undefined ? [condition] : [condition, shared]);

/** References into tables that are left out: empty ones are what is left of them. */
export function emptiedBySkipping(
  links: Link[],
  tables: Classified[],
  policies: Policies,
  problems: Problem[],
): Set<string> {
  const classOf = (table: unknown) => tables.find((each) => each.table === table)?.class;
  const emptied = new Set<string>();
  for (const link of links) {
    const child = classOf(link.child);
    if (link.declared || child === undefined || !isTaken(child) || classOf(link.parent) !== "skip")
      continue;
    const columns = emptiedColumns(link);
    if (policies(link) === "null") {
      for (const column of columns) emptied.add(shownColumn(link.child, column));
      continue;
    }
    const parent = shownName(link.parent);
    problems.push({
      kind: "skipped",
      subject: shownLink(link),
      reason: { code: "REFERS_TO_SKIPPED", table: parent },
      suggestion:
        columns.length > 0
          ? `crossTenant: { ${keyText(shownLink(link))}: "null" }`
          : `tables: { ${keyText(parent)}: "shared" }  // it is NOT NULL`,
    });
  }
  return emptied;
}
