import type { Client } from "pg";
import type { ParsedMigration } from "../../folder/parsed-migration.ts";
import type { LockCatalogue } from "../../plan/locks/catalogue.ts";
import type { Finding } from "../finding.ts";
import { judge } from "../judge.ts";
import { SchemaModel } from "../model/schema-model.ts";
import { type RuleSettings, refuseUnknownRules } from "../settings.ts";
import { settle } from "../settle.ts";
import { probe } from "./probe.ts";
import { readSchemaFacts } from "./read-schema.ts";
import { readSizes } from "./read-sizes.ts";

export interface FindingsOn {
  settings: RuleSettings;
  /** Of the database before anything is run. */
  catalogue: LockCatalogue;
  /** For the evidence: `dev-phil-local`. */
  where: string;
}

/** What the rules find in pending migrations, settled by looks at the database's rows. Changes nothing. */
export async function findFindings(
  client: Client,
  migrations: readonly ParsedMigration[],
  { catalogue, settings, where }: FindingsOn,
): Promise<Finding[]> {
  refuseUnknownRules(settings);
  if (migrations.length === 0) return [];
  const schema = new SchemaModel(await readSchemaFacts(client));
  const { idle, suspicions } = judge(migrations, schema, catalogue, settings);
  const results = await probe(client, suspicions);
  const tables = suspicions.flatMap(({ weighs }) => weighs);
  const sizes = await readSizes(client, [...new Set(tables)]);
  return [
    ...settle(suspicions, { results, sizes, production: new Map(), where, settings }),
    ...idle,
  ];
}
