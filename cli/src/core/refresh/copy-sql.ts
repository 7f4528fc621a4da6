import type { TablePlan } from "./plan.ts";
import { quoted, sqlName } from "./sql-names.ts";

/** One COPY: a table's rows, or those in a range of its pages. */
export interface CopyTask {
  plan: TablePlan;
  /** First page and the page after the last one; undefined: all of the table. */
  pages: { from: number; to: number | undefined } | undefined;
  /** Of the source's pages, to take the largest task first. */
  bytes: number;
}

/** Reads are split from this size on, into parts of it. */
const partBytes = 256 * 1024 * 1024;
const pageBytes = 8192;

/** Names of columns as SQL has them, with an alias before each where one is given. */
export const quotedList = (names: readonly string[], alias?: string): string =>
  names.map((name) => (alias ? `${alias}.${quoted(name)}` : quoted(name))).join(", ");

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

/** Tables whose rows are taken before the frontier, largest part first. */
export function copyTasks(plans: readonly TablePlan[], splittable: SplittableSizes): CopyTask[] {
  const tasks = plans.filter(isCopied).flatMap((plan) => {
    const size = splittable(plan);
    return size === undefined
      ? [{ plan, pages: undefined, bytes: plan.bytes }]
      : parts(Math.ceil(size / partBytes)).map(({ from, to }, _, { length }) => ({
          plan,
          pages: length === 1 ? undefined : pageRange(size, from, to, length),
          bytes: size / length,
        }));
  });
  return tasks.sort((a, b) => b.bytes - a.bytes);
}

/** Bytes of an ordinary table; undefined where rows have no page of their own (partitioned, foreign). */
export type SplittableSizes = (plan: TablePlan) => number | undefined;

export const isCopied = (plan: TablePlan): boolean =>
  plan.class !== "skip" && plan.class !== "shared";

export const isOwned = (plan: TablePlan): boolean =>
  plan.class === "root" || plan.class === "direct" || plan.class === "derived";

const parts = (count: number) =>
  Array.from({ length: Math.max(1, count) }, (_, from) => ({ from, to: from + 1 }));

/** The last part has no end: rows may have come after the size was asked for. */
function pageRange(bytes: number, from: number, to: number, count: number) {
  const pages = Math.ceil(bytes / pageBytes);
  const at = (part: number) => Math.floor((pages * part) / count);
  return { from: at(from), to: to === count ? undefined : at(to) };
}
