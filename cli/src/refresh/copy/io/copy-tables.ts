import type { Client } from "pg";
import { relayCopy } from "../../../postgres/io/copy-relay.ts";
import { shownName } from "../../model/names.ts";
import type { RefreshPlan, TablePlan } from "../../model/plan.ts";
import { copyFailure } from "../../model/server-failure.ts";
import { type CopyTask, copyTasks, readSql, receiveSql, sendSql } from "../../plan/copy-sql.ts";
import type { Estimate } from "../../plan/io/estimate.ts";
import { inParallel } from "../in-parallel.ts";
import type { Moved } from "./transferred.ts";

/** Two sessions: one reads the source's snapshot, one writes to the scratch branch. */
export interface Pair {
  source: Client;
  target: Client;
}

/** Rows of each table, as the source counted them and the target took them. */
export type RowCounts = Map<TablePlan, number>;

/** Copies every table that is not only reached through others, with as many streams as there are pairs. */
export async function copyTables(
  plan: RefreshPlan,
  expected: Estimate,
  pairs: readonly Pair[],
  onMoved: (moved: Moved) => void,
): Promise<RowCounts> {
  const expectedOf = (table: TablePlan) =>
    expected.tables.get(table) ?? { bytes: table.bytes, pages: undefined };
  const tasks = copyTasks(plan.tables, expectedOf, pairs.length * 2);
  const counts: RowCounts = new Map();
  await inParallel(pairs, tasks, async ({ source, target }, task) => {
    const rows = await copyOne({ source, target }, task, onMoved);
    counts.set(task.plan, (counts.get(task.plan) ?? 0) + rows);
  });
  return counts;
}

async function copyOne(
  { source, target }: Pair,
  task: CopyTask,
  onMoved: (moved: Moved) => void,
): Promise<number> {
  const { plan } = task;
  const table = shownName(plan.table);
  try {
    return await relayCopy(
      source,
      sendSql(readSql(task), plan),
      target,
      receiveSql(plan),
      (bytes, rows) => onMoved({ table, rows, bytes }),
    );
  } catch (error) {
    throw copyFailure(error, table);
  }
}
