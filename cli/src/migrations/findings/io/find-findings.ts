import type { Client } from "pg";
import type { ParsedMigration } from "../../folder/parsed-migration.ts";
import type { LockCatalogue } from "../../plan/locks/catalogue.ts";
import type { Finding } from "../finding.ts";
import { judge } from "../judge.ts";
import { SchemaModel } from "../model/schema-model.ts";
import { type RuleSettings, refuseUnknownRules } from "../settings.ts";
import { type ProbesOn, settle } from "../settle.ts";
import { probe } from "./probe.ts";
import { readProductionSizes } from "./production-sizes.ts";
import { readSchemaFacts } from "./read-schema.ts";
import { readSizes } from "./read-sizes.ts";

export interface FindingsOn {
  settings: RuleSettings;
  /** Of the database before anything is run. */
  catalogue: LockCatalogue;
  /** For the evidence: `branch dev-phil-local`. */
  where: string;
  /** Other databases whose rows count, too: where the migrations will go later. */
  against: readonly { client: Client; where: string }[];
  /** Whether keys of rows are named, as examples. */
  examples: boolean;
}

/** What the rules find in pending migrations, settled by looks at the database's rows. Changes nothing. */
export async function findFindings(
  client: Client,
  migrations: readonly ParsedMigration[],
  { against, catalogue, examples, settings, where }: FindingsOn,
): Promise<Finding[]> {
  refuseUnknownRules(settings);
  if (migrations.length === 0) return [];
  const schema = new SchemaModel(await readSchemaFacts(client));
  const { idle, suspicions } = judge(migrations, schema, catalogue, settings);
  const results: ProbesOn[] = [];
  for (const each of [{ client, where }, ...against]) {
    const found = await probe(each.client, suspicions);
    results.push({ results: examples ? found : withoutExamples(found), where: each.where });
  }
  const tables = [...new Set(suspicions.flatMap(({ weighs }) => weighs))];
  const sizes = await readSizes(client, tables);
  const production = await readProductionSizes(client, tables);
  return [...settle(suspicions, { results, sizes, production, settings }), ...idle];
}

const withoutExamples = (results: ProbesOn["results"]): ProbesOn["results"] =>
  new Map(
    [...results].map(([suspicion, result]) => [
      suspicion,
      result.kind === "found" ? { ...result, examples: [] } : result,
    ]),
  );
