import { setTimeout as sleep } from "node:timers/promises";
import type { raw } from "@neon/sdk";
import { DsError } from "../../errors/ds-error.ts";
import { monotonicMs } from "../../lib/async/monotonic.ts";
import { CallFailed } from "./call-failed.ts";
import { type NeonReader, path, withQuery } from "./reader.ts";

const done: ReadonlySet<string> = new Set(["finished", "skipped"]);
const failed: ReadonlySet<string> = new Set(["failed", "error", "cancelled"]);

/** What to look at of an operation; a status that is not known counts as one that goes on. */
export type Operation = Pick<raw.Operation, "id" | "project_id" | "action" | "status" | "error">;

interface Polling {
  /** Milliseconds before the first look, and between the next ones, which grow. */
  pauses: { first: number; next: number; longest: number };
  /** Milliseconds for all of them. */
  limitMs: number;
  /** How far the operation is, for people; undefined where nobody knows. */
  progress(operationId: string): Promise<string | undefined>;
  /** Told from time to time of what goes on for long. */
  tell(text: string): void;
}

/** The engine answers for its work in milliseconds, the cloud in seconds. */
export const pausesOf = ({ local }: { local: boolean }): Polling["pauses"] =>
  local ? { first: 0, next: 20, longest: 50 } : { first: 250, next: 250, longest: 2_000 };

/** What takes longer is told; what goes on for minutes, again and again, and looked at less often. */
const noticeableMs = 2_000;
const againMs = 10_000;
const patientPauseMs = 250;

/** Returns when all of them are over; CallFailed for one that failed, or where it takes too long. */
export async function waitForOperations(
  reader: NeonReader,
  operations: readonly Operation[],
  { pauses, limitMs, progress, tell }: Polling,
): Promise<void> {
  const began = monotonicMs();
  const deadline = began + limitMs;
  let tellFrom = began + noticeableMs;
  for (let operation of operations) {
    for (let pause = pauses.first; goesOn(operation); ) {
      if (monotonicMs() + pause > deadline) {
        const minutes = Math.round(limitMs / 60_000);
        const text = `the operation ${operation.action} goes on for more than ${minutes} minutes`;
        throw new CallFailed("timeout", text);
      }
      if (monotonicMs() > tellFrom) {
        tellFrom = monotonicMs() + againMs;
        const { id, action, status } = operation;
        tell((await progress(id)) ?? `the operation ${action} is ${status}`);
      }
      if (pause > 0) await sleep(pause);
      const isPatient = monotonicMs() - began > noticeableMs;
      pause = Math.max(pauses.next, Math.min(pause * 1.5, pauses.longest));
      if (isPatient) pause = Math.max(pause, patientPauseMs);
      operation = (await look(reader, operation)) ?? { ...operation, status: "finished" };
    }
  }
}

/** Fails for one that has failed. */
function goesOn({ id, action, status, error }: Operation): boolean {
  if (!failed.has(status)) return !done.has(status);
  const detail = error ? `: ${error}` : "";
  const text = `the operation ${action} (${id}) ended as "${status}"${detail}`;
  throw new CallFailed("operation", text, { status });
}

/** Undefined where it is gone, together with what it was about. */
async function look(
  reader: NeonReader,
  { id, project_id, action }: Operation,
): Promise<Operation | undefined> {
  const question = path`/projects/${project_id}/operations/${id}`;
  try {
    const what = `looking whether the operation ${action} is over`;
    return (await reader.get<raw.OperationResponse>(what, question)).operation;
  } catch (error) {
    if (error instanceof DsError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** What is under way on a branch, or where none is given in the project; the newest only. */
export async function runningOperations(
  reader: NeonReader,
  projectId: string,
  branchId: string | undefined,
): Promise<Operation[]> {
  const question = withQuery(path`/projects/${projectId}/operations`, { limit: 100 });
  const what = "looking for operations that are under way";
  const { operations } = await reader.get<raw.OperationsResponse>(what, question);
  return operations.filter(
    ({ status, branch_id }) =>
      !done.has(status) && !failed.has(status) && (!branchId || branch_id === branchId),
  );
}
