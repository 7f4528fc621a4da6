import { listed } from "../../lib/format/listed.ts";
import type { Migration } from "../folder/migration.ts";
import type { Step } from "../sql/steps.ts";

/** A step that is being run, with what a failure of it has to tell. */
export interface RunningStep {
  migration: Migration;
  step: Step;
  /** Names of the migrations that this run has committed before. */
  committed: readonly string[];
  /** What runs the migrations again. */
  command: string;
}

/** What a failure of this step leaves in the database. */
export function outcome({ migration: { name }, step, committed }: RunningStep): string {
  const before = committed.length > 0 ? `; committed before it: ${listed(committed)}` : "";
  if (step.before > 0) {
    const kept = step.before === 1 ? "first statement is" : `first ${step.before} statements are`;
    return `${name}: its ${kept} committed, the rest is not${before}.`;
  }
  const undone = step.alone ? "not applied" : "rolled back";
  return `${name} was ${undone}${before || "; nothing was committed"}.`;
}
