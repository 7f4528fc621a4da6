import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "./branches.ts";

interface Operation {
  id: string;
  project_id: string;
  status: string;
  error?: string;
}

/** Waits until the operations of an answer are over, and returns them as they are then. */
export async function operationsOver(
  engine: Caller,
  operations: readonly Pick<Operation, "id" | "project_id">[],
): Promise<Operation[]> {
  const over: Operation[] = [];
  for (const { id, project_id } of operations) {
    for (;;) {
      const path = `/projects/${project_id}/operations/${id}`;
      const { operation } = await engine.call<{ operation: Operation }>(200, "GET", path);
      if (operation.status !== "running") {
        over.push(operation);
        break;
      }
      await sleep(10);
    }
  }
  return over;
}
