import { recordTables } from "../../../config/migrator.ts";
import type { HasConfig, RefreshRules } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import type { PlanSettings } from "../../plan/io/make-plan.ts";
import { openSource, type RefreshSource } from "./source.ts";

/** What is copied from where to where. */
export interface RefreshJob extends PlanSettings {
  /** The project's default branch, with its login. */
  main: Target;
  source: RefreshSource;
  /** Key of the organization, as text. */
  organization: string;
  /** Long lists are told to their end. */
  all?: boolean;
}

/** @param organization default: the demo one of the rules */
export async function openJob(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  organization: string | undefined,
): Promise<RefreshJob> {
  const main = await context.target("main");
  const config = await context.config();
  const rules = requireRules(config.refresh);
  const source = await openSource(context, rules);
  const chosen = organization ?? rules.tenant.demo;
  context.output.note(
    `organization ${chosen} of ${source.what}, for branch ${main.branch.name} of ${main.project.name} (${main.branch.id})`,
  );
  const without = recordTables(config.migrations, config.migrator);
  return { main, source, organization: chosen, rules, without };
}

function requireRules(rules: RefreshRules | undefined): RefreshRules {
  if (rules) return rules;
  throw new DsError(
    "CONFIG_INVALID",
    "ds.config.ts has no section `refresh`: what would be copied?",
    {
      hint: "A first proposal, out of the tables of main: ds db refresh-staging --init",
    },
  );
}
