import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { describeEnd, shellStatus } from "../../lib/process/run-end.ts";
import type { StopSignal } from "../../runtime/runtime.ts";
import { afterExit } from "../restart-policy.ts";
import { type GroupOptions, type ProcessGroup, startGroup } from "./group.ts";
import type { GroupRecord } from "./group-record.ts";

export interface Supervised extends GroupOptions {
  name: string;
  record: GroupRecord;
  onNote(text: string): void;
}

export interface Supervisor {
  /** Exit status, once it has ended for good: by itself, by too many failures or by a signal. */
  readonly status: Promise<number>;
  /** The first signal ends the group with a grace period, the second at once. */
  stop(signal: StopSignal): void;
}

/** Keeps one configured process running. */
export function supervise(options: Supervised): Supervisor {
  const { name, record, onNote } = options;
  const stopped = new AbortController();
  let group: ProcessGroup | undefined;
  let stopSignal: StopSignal | undefined;

  const run = async (): Promise<number> => {
    const orphan = await record.endOrphan(options.grace);
    if (orphan !== undefined) onNote(`${name}: ended what an earlier run had left (pid ${orphan})`);
    for (let fastExits = 0; ; ) {
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
        onNote(`${name} ${describeEnd(end)} three times right after its start; giving up`);
        return shellStatus(end, signals);
      }
      fastExits = verdict.fastExits;
      onNote(`${name} ${describeEnd(end)}; starting it again`);
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
