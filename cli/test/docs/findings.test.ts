import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { evaluateConfig } from "../../src/config/io/evaluate.ts";
import { completeConfig } from "../../src/config/project-config.ts";
import type { RuleGroup } from "../../src/migrations/findings/model/severity.ts";
import { rules } from "../../src/migrations/findings/rules.ts";
import { refuseUnknownRules } from "../../src/migrations/findings/settings.ts";

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
