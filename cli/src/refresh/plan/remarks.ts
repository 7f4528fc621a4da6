import type { RefreshRules } from "../../config/project-config.ts";
import { plural } from "../../lib/format/plural.ts";
import { shownName } from "../model/names.ts";
import { columnOf, type Link } from "../rules/links.ts";
import type { Classified } from "../rules/ownership.ts";
import type { PairUndeclared } from "./pair-remarks.ts";
import type { LooksLikeReference } from "./soft-remarks.ts";

/** Nothing that stops a refresh, and yet worth a second look. */
export type Remark = LooksLikeReference | PairUndeclared | OfTable;

type OfTable = { table: string } & (
  | {
      /** All rows of it are copied, and mostly the organization's tables refer to it. */
      code: "REFERENCE_OF_TENANTS";
      referring: number;
      tenants: number;
    }
  | {
      /** It is not copied by the tenant's column that it has. */
      code: "TENANT_COLUMN_UNUSED";
      class: "shared" | "keep" | "skip";
      column: string;
    }
  | {
      /** Whether masked rows are what the constraint asks for was not to be found out. */
      code: "CHECK_UNTRIED";
      constraint: string;
      /** What the source said; undefined where the rules leave out a column of it. */
      sqlState: string | undefined;
    }
  /** Its SQL took too long on a few rows to say whether it fails on some. */
  | { code: "MASK_UNTRIED"; column: string }
  /** Production does not have it, so main's rows stay. */
  | { code: "ONLY_ON_MAIN"; rows: number }
);

export function remarksOf(
  tables: readonly Classified[],
  links: readonly Link[],
  { tenant }: Pick<RefreshRules, "tenant">,
): OfTable[] {
  const names = [tenant.column ?? []].flat();
  const isOwned = (table: unknown) =>
    tables.some((each) => each.table === table && "condition" in each);
  return tables.flatMap((each): OfTable[] => {
    const { table, class: tableClass } = each;
    const name = shownName(table);
    if (tableClass === "reference") {
      const children = new Set(
        links
          .filter(({ parent, child }) => parent === table && child !== table)
          .map((link) => link.child),
      );
      const tenants = [...children].filter(isOwned).length;
      return tenants * 2 > children.size
        ? [{ table: name, code: "REFERENCE_OF_TENANTS", referring: children.size, tenants }]
        : [];
    }
    if (tableClass !== "shared" && tableClass !== "keep" && tableClass !== "skip") return [];
    const column = names.find((column) => columnOf(table, column));
    return column === undefined
      ? []
      : [{ table: name, code: "TENANT_COLUMN_UNUSED", class: tableClass, column }];
  });
}

export function remarkText(remark: Remark): string {
  switch (remark.code) {
    case "LOOKS_LIKE_REFERENCE": {
      const [own, theirs] = [remark.mask, remark.theirs].map((mask) =>
        mask === null ? "unmasked" : `masked (${mask})`,
      );
      return `${remark.table}: ${remark.column} is named like a reference to ${remark.to}, but is ${own} while that is ${theirs}, so joins find nothing; declare it under references, with one mask for both`;
    }
    case "PAIR_UNDECLARED": {
      const then =
        remark.mask === null
          ? "stays as it is: what it means does not come along, and may be another organization's"
          : `is masked (${remark.mask}), so joins find nothing`;
      return `${remark.table}: ${remark.column} and ${remark.id} look like a reference to rows of several tables, and ${remark.id} ${then}; declare the pair under references`;
    }
    case "REFERENCE_OF_TENANTS":
      return `${remark.table}: every row is copied, and ${remark.tenants} of ${plural(remark.referring, "table")} that refer to it ${remark.tenants === 1 ? "is" : "are"} the organization's; "shared" copies only the rows that they refer to`;
    case "TENANT_COLUMN_UNUSED":
      return `${remark.table}: is "${remark.class}", though ${remark.column} says whose a row is; "tenant" copies the organization's rows`;
    case "CHECK_UNTRIED": {
      const why = remark.sqlState === undefined ? "" : ` (SQLSTATE ${remark.sqlState})`;
      return `${remark.table}: whether its masks keep to ${remark.constraint} could not be tried${why}`;
    }
    case "MASK_UNTRIED":
      return `${remark.table}: the mask of ${remark.column} took longer than 2 s on a sample, and was stopped; all rows will take longer`;
    case "ONLY_ON_MAIN":
      return `${remark.table}: production does not have this table, so main keeps its ${plural(remark.rows, "row")}; "skip" empties it`;
  }
}

export const remarkDocument = (remark: Remark) => ({ ...remark, message: remarkText(remark) });
