import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { plural } from "../../../lib/format/plural.ts";
import { shownName, sqlName } from "../../model/names.ts";
import type { Phases } from "../../model/phases.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { serverFailure } from "../../model/server-failure.ts";
import { estimate } from "../../plan/io/estimate.ts";
import { requireReadable } from "../../plan/io/require-readable.ts";
import { thousands } from "../../plan/progress.ts";
import { inParallel } from "../in-parallel.ts";
import { type Load, loadOn } from "../load.ts";
import { dropForLoad, rebuildConstraints, restoreAfterLoad } from "./constraints.ts";
import { copyTables, type Pair } from "./copy-tables.ts";
import { readKept } from "./kept-rows.ts";
import { copyReferencedRows, type ReferencedRowsReport } from "./referenced-rows.ts";
import { setSequences } from "./sequences.ts";
import {
  type Database,
  openSnapshot,
  prepareSession,
  Sessions,
  type SessionValues,
} from "./sessions.ts";
import { Transferred } from "./transferred.ts";
import { type Arrived, type Proof, verifyCopy } from "./verify.ts";
import { refreshViews } from "./views.ts";

export interface CopyJob {
  plan: RefreshPlan;
  source: Database;
  /** The scratch branch: everything in the plan's tables is replaced. */
  target: Database;
  values: SessionValues;
  /** How many COPY run at the same time. */
  streams: number;
}

export interface CopyReport {
  tables: { table: string; class: string; rows: number; bytes: number }[];
  rows: number;
  bytes: number;
  /** References to other organizations that were emptied. */
  emptied: ReferencedRowsReport["emptied"];
  /** Tables with main's own rows, which were not touched. */
  kept: { table: string; rows: number }[];
  proof: Proof;
}

/** Carries a plan out on a branch that nobody else uses, from one state of the source, and verifies it. */
export async function copyData(
  job: CopyJob,
  phases: Phases,
  signal: AbortSignal,
): Promise<CopyReport> {
  const sessions = new Sessions(signal);
  try {
    return await work(job, phases, await openPairs(job, sessions));
  } catch (error) {
    if (signal.aborted) throw new DsError("INTERRUPTED", "stopped", { cause: error });
    throw serverFailure(error, "the refresh");
  } finally {
    await sessions.close();
  }
}

async function work(job: CopyJob, phases: Phases, pairs: [Pair, ...Pair[]]): Promise<CopyReport> {
  const [first] = pairs;
  const { target } = first;
  const targets = pairs.map((pair) => pair.target) as [typeof target];
  const moved = new Transferred();
  await requireReadable(first.source, job.plan);
  const expected = await estimate(first.source, job.plan);

  const load = await phases.run("prepare", "Emptying the scratch branch", async () => {
    const kept = await readKept(target, job.plan);
    return loadOn(job.plan, await dropForLoad(target, job.plan), kept);
  });
  const { plan } = load;
  const copied = await phases.run("copy", "Copying", async (step) => {
    const counts = await copyTables(plan, expected, pairs, moved.showing(step, expected.rows));
    const rows = plural(sum(counts.values()), "row").replace(/^\d+/, thousands);
    step.finish(`Copied ${rows}, ${formatBytes(moved.bytes)}`);
    return counts;
  });
  const referenced = await phases.run(
    "parents",
    "Fetching rows that others refer to",
    async (step) => {
      const found = await copyReferencedRows(load, first, moved.showing(step, undefined));
      step.finish(`Fetched ${thousands(sum(found.fetched.values()))} rows that others refer to`);
      return found;
    },
  );
  await phases.run("rebuild", "Rebuilding indexes and checking foreign keys", (step) =>
    rebuildConstraints(pairs, load, step),
  );
  const arrived = { copied, referenced };
  const proof = await phases.run("verify", "Verifying that nothing else came along", async () => {
    const found = await verifyCopy(load, arrived, pairs);
    await setSequences(
      target,
      plan.tables.filter((each) => each.class !== "keep").map(({ table }) => table),
    );
    return found;
  });
  await phases.run("finish", "Bringing back triggers and row security, gathering statistics", () =>
    finish(targets, load),
  );
  const kept = [...load.kept].map(([{ table }, { rows }]) => ({ table: shownName(table), rows }));
  return { ...reportOf(plan, arrived, moved), kept, proof };
}

async function finish(targets: readonly [Client, ...Client[]], load: Load): Promise<void> {
  const [target] = targets;
  await restoreAfterLoad(target, load);
  await refreshViews(target);
  const { tables } = load.state;
  const ordinary = tables.filter(({ partitioned }) => !partitioned);
  // Written pages once more, here, or each branch would do it by itself when it first reads them.
  await inParallel(targets, ordinary, async (client, table) => {
    await client.query(`vacuum (analyze) ${sqlName(table)}`);
  });
  for (const table of tables.filter(({ partitioned }) => partitioned)) {
    await target.query(`analyze ${sqlName(table)}`);
  }
}

function reportOf(
  plan: RefreshPlan,
  { copied, referenced }: Arrived,
  moved: Transferred,
): Omit<CopyReport, "kept" | "proof"> {
  const taken = plan.tables.filter((table) => table.class !== "keep");
  const tables = taken.map((table) => ({
    table: shownName(table.table),
    class: table.class,
    rows: (copied.get(table) ?? 0) + (referenced.fetched.get(table) ?? 0),
    bytes: moved.of(shownName(table.table)),
  }));
  return {
    tables,
    rows: sum(tables.map(({ rows }) => rows)),
    bytes: moved.bytes,
    emptied: referenced.emptied,
  };
}

const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((total, each) => total + each, 0);

async function openPairs(job: CopyJob, sessions: Sessions): Promise<[Pair, ...Pair[]]> {
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
