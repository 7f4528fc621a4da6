import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { shellStatus } from "../../lib/process/run-end.ts";
import type { StopSignal } from "../../runtime/runtime.ts";
import { afterExit, type SupervisorEvent } from "../restart-policy.ts";
import { type GroupOptions, type ProcessGroup, startGroup } from "./group.ts";
import type { GroupRecord } from "./group-record.ts";

export interface Supervised extends GroupOptions {
  record: GroupRecord;
  /** Waits, before each start, until the process can run; ends when the signal is aborted. */
  ready?(signal: AbortSignal): Promise<void>;
  onEvent(event: SupervisorEvent): void;
}

export interface Supervisor {
  /** Exit status, once it has ended for good: by itself, by too many failures or by a signal. */
  readonly status: Promise<number>;
  /** The first signal ends the group with a grace period, the second at once. */
  stop(signal: StopSignal): void;
}

/** Keeps one configured process running. */
export function supervise(options: Supervised): Supervisor {
  const { record, onEvent } = options;
  const stopped = new AbortController();
  let group: ProcessGroup | undefined;
  let stopSignal: StopSignal | undefined;

  const run = async (): Promise<number> => {
    const orphan = await record.endOrphan(options.grace);
    if (orphan !== undefined) onEvent({ is: "orphan-ended", pid: orphan });
    for (let fastExits = 0; ; ) {
      await options.ready?.(stopped.signal);
      if (stopSignal !== undefined)
        return shellStatus({ status: null, signal: stopSignal }, signals);
      group = await startGroup(options);
      await record.note(group.pid);
      if (stopSignal !== undefined) group.stop(stopSignal);
      const end = await group.ended;
      group = undefined;
      await record.clear();
      if (stopSignal !== undefined) continue;

      const verdict = afterExit(end, fastExits);
      if (verdict.action === "done") return 0;
      if (verdict.action === "give up") {
        onEvent({ is: "giving-up", end });
        return shellStatus(end, signals);
      }
      fastExits = verdict.fastExits;
      onEvent({ is: "restarting", end });
      await sleep(verdict.delay, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  return {
    status: run(),
    stop: (signal) => {
      if (stopSignal !== undefined) {
        group?.kill();
        return;
      }
      stopSignal = signal;
      stopped.abort();
      group?.stop(signal);
    },
  };
}

const signals: Record<string, number> = constants.signals;
