import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { formatBytes } from "../../core/bytes.ts";
import { isCopied, readSql } from "../../core/refresh/copy-sql.ts";
import type { RefreshPlan } from "../../core/refresh/plan.ts";
import { DsError } from "../../errors.ts";

export interface Estimate {
  rows: number;
  bytes: number;
}

/** What the source's planner expects of the rows that are copied before others are fetched. */
export async function estimate(source: Client, plan: RefreshPlan): Promise<Estimate> {
  let [rows, bytes] = [0, 0];
  for (const table of plan.tables.filter(isCopied)) {
    const select = readSql({ plan: table, pages: undefined, bytes: 0 });
    const answer = await source.query(`explain (format json) ${select}`);
    const planned = answer.rows[0]?.["QUERY PLAN"]?.[0]?.Plan ?? {};
    const count = Number(planned["Plan Rows"] ?? 0);
    rows += count;
    bytes += count * (Number(planned["Plan Width"] ?? 0) + rowOverhead);
  }
  return { rows, bytes };
}

/** A row's header, and its place in the page. */
const rowOverhead = 28;
/** Rows, their indexes, and the log that both are written to first. */
const copies = 3;
const always = 128 * 1024 * 1024;

export const neededBytes = ({ bytes }: Estimate): number => bytes * copies + always;

/** Free space where the local engine keeps its branches. */
export async function freeBytes(home: string): Promise<number | undefined> {
  for (const folder of [join(home, "data"), home]) {
    const stats = await statfs(folder).catch(() => undefined);
    if (stats) return stats.bavail * stats.bsize;
  }
  return undefined;
}

/** @param free undefined where nobody knows, as in the cloud, whose storage grows by itself */
export function refuseFullDisk(expected: Estimate, free: number | undefined): void {
  const needed = neededBytes(expected);
  if (free === undefined || free >= needed) return;
  throw new DsError(
    "REFUSED",
    `too little disk: the copy needs about ${formatBytes(needed)}, and ${formatBytes(free)} are free. Nothing was changed.`,
    {
      hint: "Make room where the engine keeps its branches: ds engine status says where, ds db branches which there are.",
      details: { neededBytes: Math.round(needed), freeBytes: free },
    },
  );
}
