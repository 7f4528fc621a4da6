import type { RunEnd } from "../lib/process/run-end.ts";

export type Verdict =
  | { action: "done" }
  /** `fastExits`: to be handed in the next time. */
  | { action: "restart"; delay: number; fastExits: number }
  | { action: "give up" };

/** Shorter lives than this mean that it does not get going at all. */
const fast = 5000;
const mostFastExits = 3;
const firstDelay = 500;

/** A process that ends well is done; one that fails is started again, unless it fails at once. */
export function afterExit(end: RunEnd, fastExitsBefore: number): Verdict {
  if (end.status === 0) return { action: "done" };
  const fastExits = end.lasted < fast ? fastExitsBefore + 1 : 0;
  if (fastExits >= mostFastExits) return { action: "give up" };
  return { action: "restart", delay: firstDelay * 2 ** Math.max(0, fastExits - 1), fastExits };
}
