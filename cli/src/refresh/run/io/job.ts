import type { Client } from "pg";
import type { RefreshRules } from "../../../config/project-config.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import type { RefreshSource } from "./source.ts";
export interface RefreshJob {
  /** The project's default branch, with its login. */
  main: Target;
  source: RefreshSource;
  rules: Pick<RefreshRules, "maskKey">;
  /** Key of the organization, as text. */
  organization: string;
  yes: boolean;
  /** Reads both catalogues and decides; throws what is unclassified, or does not fit. */
  makePlan(source: Client, target: Client): Promise<RefreshPlan>;
  /** Shows the plan before the question is asked. */
  showPlan(plan: RefreshPlan): void;
}
