import { formatBytes } from "../../lib/format/bytes.ts";
import { formatDuration } from "../../lib/format/duration.ts";

export interface Progress {
  rows: number;
  bytes: number;
  milliseconds: number;
  /** Undefined where nobody knows. */
  expectedRows: number | undefined;
  table: string;
}

const width = 20;

/** `2,012,345`. */
export const thousands = (count: number | string): string =>
  String(count).replace(/\B(?=(\d{3})+$)/g, ",");

/** `[=====     ] 34%  1,204,000 rows  210 MB  52 MB/s  8s left  comments`. */
export function progressText(progress: Progress): string {
  const { rows, bytes, milliseconds, expectedRows, table } = progress;
  const rate = milliseconds < 500 ? undefined : (bytes * 1000) / milliseconds;
  // More may come than the statistics knew of: it is not done before it is done.
  const share =
    expectedRows === undefined || expectedRows <= 0
      ? undefined
      : Math.min(0.99, rows / expectedRows);
  return [
    ...(share === undefined ? [] : [bar(share)]),
    `${thousands(rows)} rows`,
    formatBytes(bytes),
    ...(rate === undefined ? [] : [`${formatBytes(rate)}/s`]),
    ...(share === undefined || share < 0.02 || rate === undefined
      ? []
      : [`${formatDuration(Math.max(1000, (milliseconds / share) * (1 - share)))} left`]),
    table,
  ].join("  ");
}

function bar(share: number): string {
  const done = Math.round(share * width);
  return `[${"=".repeat(done)}${" ".repeat(width - done)}] ${Math.floor(share * 100)}%`;
}
