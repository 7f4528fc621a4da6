import type { Client } from "pg";
import { DsError } from "../../errors/ds-error.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { type ComparedRows, compareRows, type Side } from "../../postgres/rows/io/compare.ts";
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
}

/** What a branch's rows have that the base's have not, both as they are now. */
export async function diffRows(
  context: Pick<Runtime, "output" | "signal">,
  sides: { base: Target; branch: Target },
  wanted: RowsWanted,
): Promise<RowDiff> {
  const connected = async <T>(side: Target, work: (client: Client) => Promise<T>): Promise<T> => {
    const what = `branch ${side.branch.name}`;
    const options = { what, loopback: side.loopback, signal: context.signal };
    return withPostgres(await side.connectionUrl(), options, work);
  };
  return connected(sides.base, (base) =>
    connected(sides.branch, (branch) => compareSides(context, sides, { base, branch }, wanted)),
  );
}

async function compareSides(
  { output, signal }: Pick<Runtime, "output" | "signal">,
  { base, branch }: { base: Target; branch: Target },
  clients: Side,
  { tables, limit, full }: RowsWanted,
): Promise<RowDiff> {
  const rows: RowDiff["rows"] = [];
  const seen = new Set<string>();
  const isWanted = (table: string) => {
    const named = tables.filter((name) => name === table || name === `public.${table}`);
    for (const name of named) seen.add(name);
    return tables.length === 0 || named.length > 0;
  };
  // A statement that runs when Ctrl-C comes ends with its connection.
  const giveUp = () => void Promise.all([clients.base.end(), clients.branch.end()]).catch(() => {});
  signal.addEventListener("abort", giveUp);
  try {
    const comparison = await output.step(
      `Comparing the rows of ${branch.branch.name} with ${base.branch.name}`,
      (step) =>
        compareRows(clients, {
          isWanted,
          signal,
          onTable: (table) => step.update(shownTable(table)),
          onRow: (table, change) => {
            if (rows.length < limit)
              rows.push({ table, row: rowDocument(table, change, { full }) });
          },
        }),
    );
    const missing = tables.find((table) => !seen.has(table));
    if (missing !== undefined) throw noTable(missing, { base, branch });
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
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
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

const noTable = (table: string, { base, branch }: { base: Target; branch: Target }): DsError =>
  new DsError(
    "NOT_FOUND",
    `neither ${branch.branch.name} nor ${base.branch.name} has a table ${table}`,
    {
      reason: "NO_SUCH_TABLE",
      hint: "Name it as ds db diff --data does: with its schema, unless that is public.",
    },
  );
