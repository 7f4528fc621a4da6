import type { Contents } from "./contents.ts";
import type { KnownPosition } from "./descent.ts";

/** A copy of a branch's data, in a directory of pgdata/ that nothing refers to yet. */
interface Copy {
  dataDir: string;
  /** The moment whose data the fork has. */
  at: string;
  /** There may be subscriptions in it. */
  subscribes?: boolean;
}

interface HistoryBefore {
  /** The data directory whose history goes on before the fork. */
  copiedFrom: string;
  /** Before which the copy and its source have the same pages; undefined when that is not known. */
  position?: KnownPosition;
}

/**
 * Of a source that slept: its record is right about what it holds. Nothing was written to it while it was
 * copied, nor since it was stopped before.
 */
interface SleepingFork extends Copy, HistoryBefore {
  kind: "sleeping";
}

/** Of a source that ran. */
interface RunningFork extends Copy, HistoryBefore {
  kind: "running";
  contents: Contents;
  /** A position in the source's log that is not before the copy. */
  lsnAfter: string;
}

/** Of an earlier moment: the data is older than the records, so passwords may have been changed since. */
export interface PastFork extends Copy, HistoryBefore {
  kind: "past";
  contents: Contents;
  /** Where the copied log ends; the copy's own log goes on somewhere else. */
  lsn: string;
}

/** A fresh cluster, for a branch that has the source's schema alone. */
export interface EmptyFork extends Copy {
  kind: "empty";
  /** What the source holds, and the branch will. */
  contents: Contents;
}

export type PresentFork = SleepingFork | RunningFork;
export type Fork = PresentFork | PastFork | EmptyFork;

/** What the source held at the fork's moment; undefined when its record tells. */
export function contentsOf(fork: Fork): Contents | undefined {
  return fork.kind === "sleeping" ? undefined : fork.contents;
}

/** The position in the source's log at which the fork was made; undefined when nobody knows. */
export function lsnOf(fork: Fork): string | undefined {
  if (fork.kind === "sleeping") return undefined;
  return fork.kind === "past" ? fork.lsn : fork.contents.lsn;
}

/** A position in the source's log that is not before the fork; undefined when nobody knows. */
export function lsnAfter(fork: Fork): string | undefined {
  return fork.kind === "running" ? fork.lsnAfter : undefined;
}
