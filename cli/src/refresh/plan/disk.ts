import { nothingChanged } from "../../errors/nothing-changed.ts";
import { formatBytes } from "../../lib/format/bytes.ts";

/** Rows, their indexes, and the log that both are written to first. */
const copies = 3;
const always = 128 * 1024 * 1024;

/** What loading rows of so many bytes takes. */
const neededBytes = (bytes: number): number => bytes * copies + always;

/** @param free undefined where nobody knows, as in the cloud, whose storage grows by itself */
export function refuseFullDisk(expectedBytes: number, free: number | undefined): void {
  const needed = neededBytes(expectedBytes);
  if (free === undefined || free >= needed) return;
  throw nothingChanged(
    "REFUSED",
    `too little disk: the copy needs about ${formatBytes(needed)}, and ${formatBytes(free)} are free`,
    {
      reason: "DISK_FULL",
      hint: "Make room where the engine keeps its branches: ds engine status says where, ds db branches which there are.",
      details: { neededBytes: Math.round(needed), freeBytes: free },
    },
  );
}
