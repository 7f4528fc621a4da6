import { describeEnd, type RunEnd } from "../lib/process/run-end.ts";
import { freeThePort, type PortHolder, portTaken } from "./port.ts";

export type Verdict =
  | { action: "done" }
  /** `fastExits`: to be handed in the next time. */
  | { action: "restart"; delay: number; fastExits: number }
  | { action: "give up" };

/** What a supervisor has done, for whoever watches. */
export type SupervisorEvent =
  /** What an earlier run had left. */
  | { is: "orphan-ended"; pid: number }
  /** It is started as soon as nobody listens there. */
  | { is: "port-taken"; port: number; holder: PortHolder | undefined }
  | { is: "restarting" | "giving-up"; end: RunEnd };

export function describeEvent(name: string, event: SupervisorEvent): string {
  switch (event.is) {
    case "orphan-ended":
      return `${name}: ended what an earlier run had left (pid ${event.pid})`;
    case "port-taken":
      return `${name}: ${portTaken(event.port, event.holder)}; waiting until it is free. ${freeThePort(event.port, event.holder)}`;
    case "restarting":
      return `${name} ${describeEnd(event.end)}; starting it again`;
    case "giving-up":
      return `${name} ${describeEnd(event.end)} three times right after its start; giving up`;
  }
}

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
