import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { evaluateConfig } from "../../src/config/io/evaluate.ts";
import { completeConfig } from "../../src/config/project-config.ts";
import { judge } from "../../src/migrations/findings/judge.ts";
import { SchemaModel } from "../../src/migrations/findings/model/schema-model.ts";
import type { RuleGroup } from "../../src/migrations/findings/model/severity.ts";
import { rules } from "../../src/migrations/findings/rules.ts";
import { refuseUnknownRules } from "../../src/migrations/findings/settings.ts";
import { parseMigration } from "../../src/migrations/folder/parsed-migration.ts";
import { LockCatalogue } from "../../src/migrations/plan/locks/catalogue.ts";
import { rewriteMigrations } from "../../src/migrations/rewrite/rewrite.ts";

// docs/findings.md is true: its list has every rule as it is, and its configuration is loaded.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/findings.md"), "utf8");

const temporary = new TemporaryFolder("ds-test-docs-");
afterAll(() => temporary.remove());

const titles: Readonly<Record<RuleGroup, string>> = {
  "data-loss": "Data loss",
  application: "Breaks the running application",
  data: "Fails on this data",
  blocking: "Blocks",
  style: "Worth knowing",
};

function table(group: RuleGroup): string {
  const rows = rules
    .filter((rule) => rule.group === group)
    .map(({ name, off, peers, severity, what }) => {
      const by = off ? `${severity}, *off*` : severity;
      return `| \`${name}\` | ${by} | ${what} | ${peers.join(", ")} |`;
    });
  return [
    `### ${titles[group]} (\`${group}\`)`,
    "",
    "| rule | severity | what | elsewhere |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

test("the list has every rule, as it is", () => {
  const expected = (Object.keys(titles) as RuleGroup[]).map(table).join("\n\n");
  const list = page.slice(page.indexOf("### Data loss"), page.indexOf("## What others find"));
  expect(list.trim()).toBe(expected);
});

test("its migration is written anew as it says", async () => {
  const block = (kind: string) =>
    new RegExp(`\`\`\`sql ${kind}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? "";
  const parsed = async (sql: string) => {
    const read = await parseMigration({ name: "0001", file: "0001.sql", sql } as never);
    if (read === undefined) throw new Error(`not SQL: ${sql}`);
    return read;
  };
  const given = await parsed(
    "create table orgs (id int primary key); create table items (id int primary key, org_id int);",
  );
  const pending = await parsed(block("before"));
  const settings = { rules: {}, smallTable: { rows: 0, bytes: 0 } };
  const model = () => {
    const schema = new SchemaModel();
    judge([given], schema, LockCatalogue.empty, settings);
    schema.takeAsGiven();
    return schema;
  };
  const { suspicions } = judge([pending], model(), LockCatalogue.empty, settings);
  const { files } = await rewriteMigrations([pending], {
    schema: model(),
    catalogue: LockCatalogue.empty,
    findings: suspicions.map(({ finding }) => finding),
    small: false,
    triggers: new Set(),
    bound: new Set(),
    untouchable: () => undefined,
  });
  expect(files[0]?.sql).toBe(block("after"));
});

test("its configuration is loaded, and its rules are known", async () => {
  const file = join(temporary.make(), "ds.config.ts");
  writeFileSync(file, /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? "");
  const config = await evaluateConfig(file, temporary.path);
  const { migrations } = completeConfig(config, temporary.path, file);
  expect(migrations.smallTable).toEqual({ rows: 50_000, bytes: 20_000_000 });
  expect(Object.keys(migrations.rules)).toHaveLength(3);
  expect(() => refuseUnknownRules(migrations)).not.toThrow();
  const wrong = { ...migrations, rules: { "drop-tables": "off" } as const };
  expect(() => refuseUnknownRules(wrong)).toThrow(
    expect.objectContaining({ code: "CONFIG_INVALID" }),
  );
});
