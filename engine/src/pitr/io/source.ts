import type { Compute } from "../../postgres/io/compute.ts";

/** A branch as its past sees it. */
export interface Source {
  name: string;
  dataDir: string;
  compute: Compute;
  /** How far back the project wants its branches' past, in seconds; 0: not at all. */
  windowSeconds: number;
  logicalSize: number | undefined;
  /** Whether the data directory is still this branch's; asked while it can neither start nor stop. */
  isCurrent: () => boolean;
  /** Whether any branch has the data directory, now that the work is done. */
  isKept: () => boolean;
}
