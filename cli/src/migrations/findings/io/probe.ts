import type { Client } from "pg";
import { isServerError } from "../../../postgres/server-error.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Suspicion } from "../judge.ts";
import type { ProbeResult } from "../probes/probe.ts";

/** Of one probe, and of all of them together. */
const probeLimits = { oneMs: 10_000, allMs: 60_000 };

/**
 * Looks at the rows that settle suspicions, one probe after another, each in a read-only transaction of its own with a
 * time limit. It takes ACCESS SHARE locks, as any query does, and waits for none.
 */
export async function probe(
  client: Client,
  suspicions: readonly Suspicion[],
  limits = probeLimits,
): Promise<Map<Suspicion, ProbeResult>> {
  const results = new Map<Suspicion, ProbeResult>();
  const end = performance.now() + limits.allMs;
  for (const suspicion of suspicions) {
    if (suspicion.probe === undefined) continue;
    const left = Math.min(limits.oneMs, end - performance.now());
    results.set(suspicion, await one(client, suspicion, left, limits));
  }
  return results;
}

async function one(
  client: Client,
  { probe: asked, rowsChange }: Suspicion,
  leftMs: number,
  { allMs }: typeof probeLimits,
): Promise<ProbeResult> {
  const notTried = (because: string): ProbeResult => ({ kind: "not-tried", because });
  if (asked === undefined) return notTried("there is no way to look");
  if (rowsChange) return notTried("a statement before it changes these rows; a rehearsal tells");
  if (leftMs < 1)
    return notTried(`the looks before it have taken the ${allMs / 1000} s that there are`);
  await client.query(
    `begin isolation level repeatable read, read only; set local statement_timeout = ${Math.ceil(leftMs)}; set local lock_timeout = 1000; set local row_security = off; set local work_mem = '128MB'`,
  );
  try {
    const { rows } = await client.query<{ found: number; examples: string[] }>(asked.sql);
    return { kind: "found", count: rows[0]?.found ?? 0, examples: rows[0]?.examples ?? [] };
  } catch (error) {
    return notTried(reason(error, leftMs));
  } finally {
    await client.query("rollback");
  }
}

function reason(error: unknown, limitMs: number): string {
  if (!isServerError(error)) throw error;
  const { code } = error;
  if (code === sqlState.queryCanceled)
    return `it takes longer than ${(limitMs / 1000).toFixed(0)} s`;
  if (code === sqlState.lockNotAvailable) return "somebody holds a lock of the table";
  if (code === sqlState.insufficientPrivilege) return "the role may not read these rows";
  return `the database refuses to look (${code})`;
}
