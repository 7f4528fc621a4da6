import { formatBytes } from "../lib/format/bytes.ts";
import { plural } from "../lib/format/plural.ts";
import type { Style } from "../lib/terminal/style.ts";
import type { DiskSize } from "./contract.ts";

/** Rows for a table of what branches take on the disk. */
export function diskTable(
  rows: readonly { label: string; disk: DiskSize | undefined }[],
  style: Style,
): string[][] {
  const head = ["BRANCH", "DATA", "OF IT LOG", "BASES", "", "OWN"].map(style.dim);
  return [head, ...rows.map(({ label, disk }) => [label, ...(disk ? cells(disk) : [])])];
}

const cells = ({ dataBytes, walBytes, bases, basesBytes, ownBytes }: DiskSize): string[] => [
  formatBytes(dataBytes),
  formatBytes(walBytes),
  formatBytes(basesBytes),
  plural(bases, "base"),
  ownBytes === null ? "unknown" : formatBytes(ownBytes),
];

export function diskDocument(disk: DiskSize | undefined) {
  if (disk === undefined) return null;
  const { dataBytes, walBytes, bases, basesBytes, ownBytes } = disk;
  return { dataBytes, walBytes, bases, basesBytes, ownBytes };
}
