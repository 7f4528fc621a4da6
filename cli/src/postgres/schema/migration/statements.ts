import { type Around, Bringing } from "./bringing.ts";
import type { Plan } from "./plan.ts";
import { TakingAway } from "./taking-away.ts";
import type { SchemaMigration } from "./text.ts";

/** The statements that make the base's schema the branch's: first what goes, the last first; then what comes, in the order of a dump. */
export function migrationStatements(plan: Plan, around: Around): SchemaMigration {
  const [takingAway, bringing] = [new TakingAway(plan), new Bringing(plan, around)];
  takingAway.takeAway();
  bringing.bring();
  return {
    apart: plan.apart,
    statements: [...takingAway.statements, ...bringing.statements],
    refusals: [...new Set([...plan.refusals, ...takingAway.refusals, ...bringing.refusals])],
  };
}
