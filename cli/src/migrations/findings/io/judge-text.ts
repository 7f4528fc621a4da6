import type { Migration } from "../../folder/migration.ts";
import { parseMigration } from "../../folder/parsed-migration.ts";
import { LockCatalogue } from "../../plan/locks/catalogue.ts";
import { actionsOf } from "../actions/of-statement.ts";
import type { Finding } from "../finding.ts";
import { judge } from "../judge.ts";
import { SchemaModel } from "../model/schema-model.ts";
import { type RuleSettings, refuseUnknownRules } from "../settings.ts";
import { settle } from "../settle.ts";

/** What the rules find by the migrations' text alone. */
export interface TextVerdict {
  findings: Finding[];
  /** Findings that only a look at the data would settle. */
  unsettled: number;
  /** Files that Postgres 18's grammar does not accept: the server has to judge them. */
  unread: string[];
}

/**
 * Judges migrations without a database: what was there before them is what the earlier files make.
 *
 * @param before those that are applied by then
 */
export async function judgeText(
  before: readonly Migration[],
  added: readonly Migration[],
  settings: RuleSettings,
): Promise<TextVerdict> {
  refuseUnknownRules(settings);
  const unread: string[] = [];
  const schema = new SchemaModel();
  if (added.length === 0) return { findings: [], unsettled: 0, unread };
  for (const migration of before) {
    const parsed = await parseMigration(migration);
    if (parsed === undefined) unread.push(migration.file);
    for (const { end, node, start } of parsed?.statements ?? []) {
      for (const action of actionsOf(node, parsed?.sql.slice(start, end) ?? ""))
        schema.apply(action);
    }
  }
  schema.takeAsGiven();
  const parsed = [];
  for (const migration of added) {
    const read = await parseMigration(migration);
    if (read === undefined) unread.push(migration.file);
    else parsed.push(read);
  }
  const { idle, suspicions } = judge(parsed, schema, LockCatalogue.empty, settings);
  const because = "without a database";
  const results = new Map(suspicions.map((one) => [one, { kind: "not-tried", because } as const]));
  const nowhere = { sizes: new Map(), production: new Map() };
  // That something may fail on data which nobody has looked at, is true of nearly everything.
  const settled = suspicions.filter(({ rule }) => rule.group !== "data");
  const findings = settle(settled, { results: [{ results, where: "" }], ...nowhere, settings });
  return {
    findings: [...findings, ...idle],
    unsettled: suspicions.length - settled.length,
    unread,
  };
}
