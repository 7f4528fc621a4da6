import { DsError } from "../../../errors/ds-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Phase, PhaseName, Phases } from "../../model/phases.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** Phases of one run: in the journal as they begin, with their times when they end; none begins after Ctrl-C. */
export class RecordedPhases implements Phases {
  readonly seconds: Partial<Record<PhaseName, number>> = {};
  private readonly context: Pick<Runtime, "output" | "signal">;
  private readonly journal: Journal;
  private readonly entry: Pick<JournalEntry, "pid" | "startedAt" | "organization" | "projects">;

  constructor(
    context: Pick<Runtime, "output" | "signal">,
    journal: Journal,
    run: Pick<JournalEntry, "organization" | "projects">,
  ) {
    this.context = context;
    this.journal = journal;
    this.entry = { pid: process.pid, startedAt: new Date().toISOString(), ...run };
  }

  async run<T>(name: PhaseName, title: string, work: (phase: Phase) => Promise<T>): Promise<T> {
    if (this.context.signal.aborted) throw new DsError("INTERRUPTED", "stopped");
    const began = Date.now();
    const phaseAt = new Date(began).toISOString();
    await this.journal.write({ ...this.entry, phase: name, phaseAt });
    try {
      return await this.context.output.step(title, work);
    } finally {
      this.seconds[name] = (Date.now() - began) / 1000;
    }
  }
}
