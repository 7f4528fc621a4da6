import { quoteIdentifier } from "../../postgres/quote.ts";
import { sqlName } from "../model/names.ts";
import { isTaken, type TablePlan } from "../model/plan.ts";

/** One COPY: a table's rows, or those in a range of its pages. */
export interface CopyTask {
  plan: TablePlan;
  /** First page and the page after the last one; undefined: all of the table. */
  pages: { from: number; to: number | undefined } | undefined;
  /** About; to take the largest task first. */
  bytes: number;
}

/** Reads are split from this size on, into parts of it. */
const partBytes = 64 * 1024 * 1024;

/** Names of columns as SQL has them, with an alias before each where one is given. */
export const quotedList = (names: readonly string[], alias?: string): string =>
  names
    .map((name) => (alias ? `${alias}.${quoteIdentifier(name)}` : quoteIdentifier(name)))
    .join(", ");

/** What the source sends, in the order of the plan's columns. */
export function readSql({ plan, pages }: CopyTask): string {
  const inPages = pages && [
    `t.ctid >= '(${pages.from},0)'::tid`,
    ...(pages.to === undefined ? [] : [`t.ctid < '(${pages.to},0)'::tid`]),
  ];
  return selectSql(plan, [
    ...(plan.filter === undefined ? [] : [`(${plan.filter})`]),
    ...(inPages ?? []),
  ]);
}

/** The table's rows that meet all conditions on the alias `t`, as what they become. */
export function selectSql(
  plan: Pick<TablePlan, "from" | "columns">,
  conditions: readonly string[],
): string {
  const columns = plan.columns.map(({ expression }) => expression).join(", ");
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return `select ${columns} from ${plan.from} t${where}`;
}

export const sendSql = (select: string, { format }: Pick<TablePlan, "format">): string =>
  `copy (${select}) to stdout (format ${format})`;

/** `into`: another table with these columns. COPY takes values of `GENERATED ALWAYS AS IDENTITY` as they come. */
export const receiveSql = (plan: TablePlan, into = sqlName(plan.table)): string =>
  `copy ${into} (${quotedList(plan.columns.map(({ name }) => name))}) from stdin (format ${plan.format})`;

/** What is expected of a table: bytes of the rows that are taken, and the pages that they are looked for in. */
export interface Expected {
  bytes: number;
  /** Undefined where rows have no page of their own: partitioned and foreign tables. */
  pages: number | undefined;
}

/**
 * Tables whose rows are taken before referenced ones are fetched, largest part first. Not more than `most` parts a table:
 * where the rows are found through an index, each part looks at all of them.
 */
export function copyTasks(
  plans: readonly TablePlan[],
  expected: (plan: TablePlan) => Expected,
  most: number,
): CopyTask[] {
  const tasks = plans.filter(isCopied).flatMap((plan) => {
    const { bytes, pages } = expected(plan);
    const count = pages === undefined ? 1 : Math.min(most, pages, Math.ceil(bytes / partBytes));
    return count <= 1
      ? [{ plan, pages: undefined, bytes }]
      : Array.from({ length: count }, (_, part) => ({
          plan,
          pages: pageRange(pages ?? 0, part, count),
          bytes: bytes / count,
        }));
  });
  return tasks.sort((a, b) => b.bytes - a.bytes);
}

export const isCopied = (plan: TablePlan): boolean =>
  isTaken(plan.class) && plan.class !== "shared";

export const isOwned = (plan: TablePlan): boolean =>
  plan.class === "root" || plan.class === "direct" || plan.class === "derived";

/** The last part has no end: rows may have come after the size was asked for. */
function pageRange(pages: number, part: number, count: number): CopyTask["pages"] {
  const at = (number: number) => Math.floor((pages * number) / count);
  return { from: at(part), to: part + 1 === count ? undefined : at(part + 1) };
}
