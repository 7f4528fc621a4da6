import { badRequest, type EngineError, unprocessable } from "../lib/engine-error.ts";
import { parseRule, UnknownFunction, unknownFunctionHelp } from "../masking/compile.ts";
import { NotReadable } from "../masking/tokens.ts";
import type { MaskingRule } from "../model/masking-rule.ts";
import type { Anonymization, BranchRecord } from "../model/records.ts";

/** What anonymized branches refuse, as functions of the records. */

/** Made to be masked, and not masked yet: its data is the parent's. */
export const isUnmasked = (branch: Pick<BranchRecord, "anonymization"> | undefined): boolean =>
  branch?.anonymization !== undefined && branch.anonymization.state !== "anonymized";

export function refuseUnmasked(
  branch: Pick<BranchRecord, "name" | "anonymization">,
): EngineError | undefined {
  return isUnmasked(branch)
    ? unprocessable(
        "BRANCH_NOT_YET_ANONYMIZED",
        `branch "${branch.name}" is not anonymized yet (${branch.anonymization?.state}): nobody can connect to it or copy it`,
      )
    : undefined;
}

export const anonymizedRestore = (): EngineError =>
  unprocessable("BRANCH_IS_ANONYMIZED", "cannot restore anonymized branches");

/** Not even an empty set of rules is "all that had to be masked". */
export function refuseNoRules(rules: readonly MaskingRule[]): EngineError | undefined {
  return rules.length === 0
    ? unprocessable(
        "MASKING_RULES_MISSING",
        "there are no masking rules, so nothing would be masked",
      )
    : undefined;
}

/** 400 for rules that cannot be read, whatever the database looks like. */
export function refuseRules(rules: readonly MaskingRule[]): EngineError | undefined {
  const unreadable: string[] = [];
  const unknown: string[] = [];
  const seen = new Set<string>();
  for (const rule of rules) {
    const name = nameOf(rule);
    const why = seen.has(name) ? "it has two rules" : problemOf(rule);
    seen.add(name);
    if (why instanceof UnknownFunction) unknown.push(`${name}: ${why.message}`);
    else if (why !== undefined) unreadable.push(`${name}: ${why}`);
  }
  if (unreadable.length > 0) return badRequest("MASKING_RULE_INVALID", unreadable.join("; "));
  if (unknown.length === 0) return undefined;
  return badRequest("MASKING_FUNCTION_UNKNOWN", `${unknown.join("; ")}. ${unknownFunctionHelp}`);
}

function problemOf(rule: MaskingRule): string | UnknownFunction | undefined {
  if ((rule.masking_function === undefined) === (rule.masking_value === undefined)) {
    return "give either masking_function or masking_value";
  }
  try {
    parseRule(rule);
    return undefined;
  } catch (error) {
    if (error instanceof UnknownFunction) return error;
    if (error instanceof NotReadable) return `the rule cannot be read: ${error.message}`;
    throw error;
  }
}

const nameOf = (rule: MaskingRule): string =>
  [rule.database_name, rule.schema_name, rule.table_name, rule.column_name].join(".");

/** A branch's anonymization after an event of its life. */
export const begun = (now: Anonymization, at: string): Anonymization => {
  const { failedAt: _, message: __, lastRun: ___, ...rest } = now;
  return { ...rest, state: "anonymizing", updatedAt: at, lastRun: { startedAt: at } };
};

export const failed = (now: Anonymization, at: string, message: string): Anonymization => ({
  ...now,
  state: "error",
  message,
  updatedAt: at,
  failedAt: at,
  lastRun: { startedAt: at, ...now.lastRun, completedAt: at },
});

export const finished = (
  now: Anonymization,
  at: string,
  { tables, columns }: { tables: number; columns: number },
): Anonymization => ({
  ...now,
  state: "anonymized",
  message: `Anonymization completed successfully (${tables} tables, ${columns} masking rules applied)`,
  updatedAt: at,
  lastRun: { startedAt: at, ...now.lastRun, completedAt: at, maskedColumns: columns },
});
