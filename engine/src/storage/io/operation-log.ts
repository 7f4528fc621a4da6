import { readFile } from "node:fs/promises";
import type { OperationRecord } from "../../model/records.ts";

const maxOperations = 1000;

/**
 * What was done in a project: a line when it began, and one when it was over. It is a log that nothing depends on:
 * lines that cannot be read are left out.
 */
export async function readOperations(path: string): Promise<OperationRecord[]> {
  const operations = new Map<string, OperationRecord>();
  const log = await readFile(path, "utf8").catch(() => "");
  for (const line of log.split("\n").slice(-maxOperations)) {
    // The last line may be cut off by a crash.
    try {
      const operation = line && (JSON.parse(line) as OperationRecord | null);
      if (operation && typeof operation.id === "string") operations.set(operation.id, operation);
    } catch {}
  }
  return [...operations.values()];
}
