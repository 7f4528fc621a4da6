import type pg from "pg";
import { type EngineError, unprocessable } from "../../lib/engine-error.ts";
import type { MaskingRule } from "../../model/masking-rule.ts";
import { type MaskPlan, planMasks } from "../mask-plan.ts";
import type { RefusedRule } from "../masked-column.ts";
import { readFacts } from "./read-facts.ts";

/**
 * What masking the database by these rules comes to. Refuses with 422, naming each, rules that it has nothing for, or
 * whose results do not fit. The client is the superuser's: statements are parsed, and none is planned or run, which could run
 * code of an owner.
 */
export async function checkRules(
  client: pg.Client,
  rules: readonly MaskingRule[],
): Promise<MaskPlan & { owners: string[] }> {
  const facts = await readFacts(client);
  if (facts.preparedTransactions > 0) {
    throw unprocessable(
      "MASKING_RULE_REFUSED",
      "there are prepared transactions, whose rows nobody can mask: commit them or roll them back",
    );
  }
  const { plan, refused } = planMasks(rules, facts);
  for (const { rule, sql } of plan.checks) {
    const why = await misfit(client, sql);
    if (why !== undefined) refused.push({ rule, why });
  }
  if (refused.length > 0) throw refusal(refused);
  const owners = new Set(plan.tables.map(({ owner }) => owner));
  if (!facts.ownerIsSuperuser) owners.add(facts.owner);
  return { ...plan, owners: [...owners] };
}

async function misfit(client: pg.Client, sql: string): Promise<string | undefined> {
  try {
    await client.query("set standard_conforming_strings = on");
    await client.query(`prepare ds_check as ${sql}`);
    await client.query("deallocate ds_check");
    return undefined;
  } catch (error) {
    const { severity, message } = error as { severity?: string; message: string };
    if (severity !== "ERROR") throw error;
    return message;
  }
}

function refusal(refused: readonly RefusedRule[]): EngineError {
  const told = refused.map(({ rule, why }) => {
    const { database_name, schema_name, table_name, column_name } = rule;
    return `${database_name}.${schema_name}.${table_name}.${column_name}: ${why}`;
  });
  return unprocessable("MASKING_RULE_REFUSED", `nothing was masked: ${told.join("; ")}`);
}
