import { DsError } from "../../../errors/ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { TableName } from "../../model/catalogue.ts";
import { sameTable, shownName, sqlName } from "../../model/names.ts";
import type { Phase, RunPhase } from "../../model/phases.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { serverFailure } from "../../model/server-failure.ts";
import { estimate } from "../../plan/io/estimate.ts";
import { requireReadable } from "../../plan/io/require-readable.ts";
import { progressText, thousands } from "../../plan/progress.ts";
import { inParallel } from "../in-parallel.ts";
import { dropForLoad, rebuildConstraints, restoreAfterLoad } from "./constraints.ts";
import { copyTables, type Moved, type Pair } from "./copy-tables.ts";
import { copyReferencedRows, type ReferencedRowsReport } from "./referenced-rows.ts";
import { setSequences } from "./sequences.ts";
import {
  type Connect,
  openSnapshot,
  prepareSession,
  Sessions,
  type SessionValues,
} from "./sessions.ts";
import type { LoadState } from "./table-state.ts";
import { type Proof, verifyCopy } from "./verify.ts";
import { refreshViews } from "./views.ts";

export interface FillJob {
  plan: RefreshPlan;
  source: Connect;
  /** The scratch branch: everything in the plan's tables is replaced. */
  target: Connect;
  values: SessionValues;
  /** How many COPY run at the same time. */
  streams: number;
  signal: AbortSignal;
  phase: RunPhase;
}

export interface FillReport {
  tables: { table: string; class: string; rows: number; bytes: number }[];
  rows: number;
  bytes: number;
  /** References to other organizations that were emptied. */
  emptied: ReferencedRowsReport["emptied"];
  proof: Proof;
}

/** Carries a plan out on a branch that nobody else uses, from one state of the source, and proves it. */
export async function copyData(job: FillJob): Promise<FillReport> {
  const sessions = new Sessions(job.signal);
  try {
    return await work(job, sessions);
  } catch (error) {
    if (job.signal.aborted) throw new DsError("INTERRUPTED", "stopped", { cause: error });
    throw serverFailure(error, "the refresh");
  } finally {
    await sessions.close();
  }
}

async function work(job: FillJob, sessions: Sessions): Promise<FillReport> {
  const { phase } = job;
  const pairs = await openPairs(job, sessions);
  const [first] = pairs;
  const { target } = first;
  const targets = pairs.map((pair) => pair.target) as [typeof target];
  const moved = new Totals();
  await requireReadable(first.source, job.plan);
  const expected = await estimate(first.source, job.plan);

  const state = await phase("prepare", "Emptying the scratch branch", () =>
    dropForLoad(target, job.plan),
  );
  const plan = onTarget(job.plan, state);
  const copied = await phase("copy", "Copying", async (step) => {
    const show = moved.showing(step, expected.rows);
    const counts = await copyTables(plan, expected, pairs, show);
    const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
    step.finish(
      `Copied ${plural(rows, "row").replace(/^\d+/, thousands)}, ${formatBytes(moved.bytes)}`,
    );
    return counts;
  });
  const frontier = await phase("parents", "Fetching rows that others refer to", async (step) => {
    const found = await copyReferencedRows(plan, state, first, moved.showing(step, undefined));
    const rows = [...found.fetched.values()].reduce((sum, count) => sum + count, 0);
    step.finish(`Fetched ${thousands(rows)} rows that others refer to`);
    return found;
  });
  await phase("rebuild", "Rebuilding indexes and checking foreign keys", (step) =>
    rebuildConstraints(targets, plan, state, step),
  );
  const proof = await phase("prove", "Proving that nothing else came along", async () => {
    const found = await verifyCopy(plan, state, copied, frontier, pairs);
    await setSequences(
      target,
      plan.tables.map(({ table }) => table),
    );
    return found;
  });
  await phase(
    "finish",
    "Bringing back triggers and row security, gathering statistics",
    async () => {
      await restoreAfterLoad(target, plan, state);
      await refreshViews(target);
      const ordinary = state.tables.filter(({ partitioned }) => !partitioned);
      // Written pages once more, here, or each branch would do it by itself when it first reads them.
      await inParallel(targets, ordinary, async (client, table) => {
        await client.query(`vacuum (analyze) ${sqlName(table)}`);
      });
      for (const table of state.tables.filter(({ partitioned }) => partitioned)) {
        await target.query(`analyze ${sqlName(table)}`);
      }
    },
  );

  const rowsOf = (table: (typeof plan.tables)[number]) =>
    (copied.get(table) ?? 0) + (frontier.fetched.get(table) ?? 0);
  const tables = plan.tables.map((table) => ({
    table: shownName(table.table),
    class: table.class,
    rows: rowsOf(table),
    bytes: moved.of(shownName(table.table)),
  }));
  return {
    tables,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: moved.bytes,
    emptied: frontier.emptied,
    proof,
  };
}

async function openPairs(job: FillJob, sessions: Sessions): Promise<[Pair, ...Pair[]]> {
  const snapshot = await openSnapshot(sessions, job.source, job.values);
  const pairs: Pair[] = [];
  for (let n = 0; n < Math.max(1, job.streams); n += 1) {
    const source = await snapshot.reader();
    const target = await sessions.open(job.target);
    await prepareSession(target, job.values);
    pairs.push({ source, target });
  }
  return pairs as [Pair, ...Pair[]];
}

/** Without tables that are skipped and that the target does not have at all. */
function onTarget(plan: RefreshPlan, { tables }: LoadState): RefreshPlan {
  const isThere = (table: TableName) => tables.some((state) => sameTable(state, table));
  return {
    ...plan,
    tables: plan.tables.filter((each) => each.class !== "skip" || isThere(each.table)),
    references: plan.references.filter(({ child, parent }) => isThere(child) && isThere(parent)),
  };
}

/** What has gone over the wire so far. */
class Totals {
  rows = 0;
  bytes = 0;
  private readonly byTable = new Map<string, number>();

  of(table: string): number {
    return this.byTable.get(table) ?? 0;
  }

  showing(step: Phase, expected: number | undefined): (moved: Moved) => void {
    const began = Date.now();
    const before = { rows: this.rows, bytes: this.bytes };
    let shown = began;
    return ({ table, rows, bytes }) => {
      this.rows += rows;
      this.bytes += bytes;
      this.byTable.set(table, this.of(table) + bytes);
      const now = Date.now();
      if (now - shown < 200) return;
      shown = now;
      step.update(
        progressText({
          rows: this.rows - before.rows,
          bytes: this.bytes - before.bytes,
          milliseconds: now - began,
          expectedRows: expected,
          table,
        }),
      );
    };
  }
}
