import type { OperationsProgress } from "../engine/contract.ts";
import { formatBytes } from "../lib/format/bytes.ts";

/** For people: how far the copy is that the operation waits for; undefined where it copies nothing. */
export function copyProgress(
  { operations }: OperationsProgress,
  operationId: string,
): string | undefined {
  const found = operations.find(({ operationIds }) => operationIds.includes(operationId));
  if (found === undefined) return undefined;
  const { source, copiedBytes, totalBytes } = found;
  const percent = totalBytes === 0 ? 0 : Math.floor((100 * copiedBytes) / totalBytes);
  return `copying ${source}: ${percent} % of ${formatBytes(totalBytes)}`;
}
