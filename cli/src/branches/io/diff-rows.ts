import type { Client } from "pg";
import { DsError } from "../../errors/ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { type ComparedRows, compareRows, type Side } from "../../postgres/rows/io/compare.ts";
import type { AskPages } from "../../postgres/rows/io/page-plans.ts";
import { pagesUnknown, type Way } from "../../postgres/rows/pages.ts";
import { type ComparedTable, type LeftOut, shownTable } from "../../postgres/rows/shape.ts";
import { type RowDocument, rowDocument } from "../../postgres/rows/text.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";

export interface RowsWanted {
  /** Only these tables; empty: all. */
  tables: readonly string[];
  /** Most rows to be kept for showing; all are counted. */
  limit: number;
  full: boolean;
}

export interface RowDiff {
  tables: ComparedRows[];
  leftOut: LeftOut[];
  rows: { table: ComparedTable; row: RowDocument }[];
  /** There are more rows than were kept. */
  isCut: boolean;
  isEqual: boolean;
  way: Way;
}

/** A branch to compare, or a moment of its past. */
export type SideTarget = Pick<
  Target,
  "project" | "branch" | "loopback" | "login" | "connectionUrl"
>;

interface Sides {
  base: SideTarget;
  branch: SideTarget;
}

type DiffContext = Pick<Runtime, "output" | "signal"> & HasNeon;

/** What a branch's rows have that the base's have not, both as they are now. */
export async function diffRows(
  context: DiffContext,
  sides: Sides,
  wanted: RowsWanted,
): Promise<RowDiff> {
  return withSides(context, sides, (clients) => compareSides(context, sides, clients, wanted));
}

/** Which pages the two may not have in common, where the API can say that. */
export const askPages =
  ({ neon }: HasNeon, { base, branch }: Sides): AskPages =>
  async () => {
    const [before, after] = await Promise.all([base.login(), branch.login()]);
    if (before.database !== after.database) return "OTHER_DATABASE";
    const question = { branchId: branch.branch.id, baseId: base.branch.id, ...after };
    const answer = await (await neon()).changedPages(branch.project.id, question);
    if (!answer) return "NOT_OFFERED";
    if (!("unknown" in answer)) return answer;
    // An API that knows more reasons than this program has told one, too.
    return pagesUnknown.find((known) => known === answer.unknown) ?? "LOG_NOT_SUMMARIZED";
  };

/** Connects to both; a statement that runs when Ctrl-C comes ends with its connection. */
export async function withSides<T>(
  { signal }: Pick<Runtime, "signal">,
  sides: Sides,
  work: (clients: Side) => Promise<T>,
): Promise<T> {
  const connected = async <R>(
    side: SideTarget,
    use: (client: Client) => Promise<R>,
  ): Promise<R> => {
    const what = `branch ${side.branch.name}`;
    return withPostgres(await side.connectionUrl(), { what, loopback: side.loopback, signal }, use);
  };
  return connected(sides.base, (base) =>
    connected(sides.branch, async (branch) => {
      const giveUp = () => void Promise.all([base.end(), branch.end()]).catch(() => {});
      signal.addEventListener("abort", giveUp);
      try {
        return await work({ base, branch });
      } finally {
        signal.removeEventListener("abort", giveUp);
      }
    }),
  );
}

/** Which tables are wanted, and whether each name that was given is a table of one side. */
export function tablesNamed(names: readonly string[], sides: Sides) {
  const seen = new Set<string>();
  return {
    isWanted: (table: string): boolean => {
      const named = names.filter((name) => name === table || name === `public.${table}`);
      for (const name of named) seen.add(name);
      return names.length === 0 || named.length > 0;
    },
    checkAllSeen: (): void => {
      const missing = names.find((name) => !seen.has(name));
      if (missing !== undefined) throw noTable(missing, sides);
    },
  };
}

async function compareSides(
  context: DiffContext,
  sides: Sides,
  clients: Side,
  { tables, limit, full }: RowsWanted,
): Promise<RowDiff> {
  const { output, signal } = context;
  const rows: RowDiff["rows"] = [];
  const { isWanted, checkAllSeen } = tablesNamed(tables, sides);
  const comparison = await output.step(
    `Comparing the rows of ${sides.branch.branch.name} with ${sides.base.branch.name}`,
    (step) =>
      compareRows(clients, {
        isWanted,
        changedPages: askPages(context, sides),
        signal,
        onTable: (table) => step.update(shownTable(table)),
        onRow: (table, change) => {
          if (rows.length < limit) rows.push({ table, row: rowDocument(table, change, { full }) });
        },
      }),
  );
  checkAllSeen();
  const total = comparison.tables.reduce(
    (sum, { added, removed, changed }) => sum + added + removed + changed,
    0,
  );
  const isNewOrGone = ({ why }: LeftOut) => why === "ONLY_IN_BRANCH" || why === "ONLY_IN_BASE";
  return {
    ...comparison,
    rows: inOrder(rows),
    isCut: total > rows.length,
    isEqual: total === 0 && !comparison.leftOut.some(isNewOrGone),
  };
}

/** Of each table by their keys, numbers by their value. */
function inOrder(rows: RowDiff["rows"]): RowDiff["rows"] {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const keyText = ({ row }: RowDiff["rows"][number]) => Object.values(row.key ?? {}).join(" ");
  const tables = [...new Set(rows.map(({ table }) => table))];
  return tables.flatMap((table) =>
    rows
      .filter((row) => row.table === table)
      .sort((one, other) => compare(keyText(one), keyText(other))),
  );
}

const noTable = (table: string, { base, branch }: Sides): DsError =>
  new DsError(
    "NOT_FOUND",
    `neither ${branch.branch.name} nor ${base.branch.name} has a table ${table}`,
    {
      reason: "NO_SUCH_TABLE",
      hint: "Name it as ds db diff --data does: with its schema, unless that is public.",
    },
  );
