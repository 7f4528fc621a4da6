import type { DrizzleMigrations } from "../../config/migrator.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { RuleGroup, Severity } from "./model/severity.ts";
import type { Rule } from "./rules/rule.ts";
import { rules } from "./rules.ts";

/** `migrations.rules` and `migrations.smallTable` of ds.config.ts. */
export type RuleSettings = Pick<DrizzleMigrations, "rules" | "smallTable">;

const groups: readonly RuleGroup[] = ["data-loss", "application", "data", "blocking", "style"];

/** Refuses names that are neither a rule's nor a group's: what they were meant for would be judged otherwise. */
export function refuseUnknownRules({ rules: given }: RuleSettings): void {
  const known = new Set<string>([...groups, ...rules.map(({ name }) => name)]);
  const unknown = Object.keys(given).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new DsError(
    "CONFIG_INVALID",
    `migrations.rules names "${unknown}", which is no rule and no group of rules`,
    {
      hint: `The groups are ${groups.join(", ")}; docs/findings.md lists the rules`,
      details: { setting: `migrations.rules.${unknown}` },
    },
  );
}

/** Undefined: the rule is off. What is said of the rule itself goes before what is said of its group. */
export function severityOf(
  { group, name, off, severity }: Rule,
  { rules: given }: RuleSettings,
): Severity | undefined {
  const asked = given[name] ?? given[group];
  if (asked === "off") return undefined;
  return asked ?? (off ? undefined : severity);
}

/** Whether the project has asked for a severity of its own, which sizes and probes then do not change. */
export const isGiven = ({ group, name }: Rule, { rules: given }: RuleSettings): boolean =>
  (given[name] ?? given[group]) !== undefined;
