import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { limits } from "../../../../scripts/test-support/limits.ts";
import { condition, describeWith } from "../../../../scripts/test-support/needs.ts";
import { judgeText } from "../../../src/migrations/findings/io/judge-text.ts";
import { rules } from "../../../src/migrations/findings/rules.ts";
import { readMigrationFolder } from "../../../src/migrations/folder/io/read-folder.ts";
import type { Migration } from "../../../src/migrations/folder/migration.ts";
import { eugeneCases, type PeerCase, squawkCases } from "./cases-of-peers.ts";

// What other linters find in their own fixtures, and what is called an error in other projects' folders: docs/findings.md says
// which of it we leave out. `npm run peers`, with TEST_PEERS as a folder that has checkouts: squawk, eugene, and in `drizzle/`
// migrations folders.

const place = process.env.TEST_PEERS ?? "";
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const page = readFileSync(join(root, "docs/findings.md"), "utf8");
const usual = { rules: {}, smallTable: { rows: 0, bytes: 0 } } as const;
const all = { ...usual, rules: { style: "note", "several-alters": "note" } } as const;
const migration = (name: string, sql: string) => ({ name, file: `${name}.sql`, sql }) as Migration;

async function found({ before, sql }: PeerCase): Promise<string[]> {
  const earlier = before === "" ? [] : [migration("0000_before", before)];
  const { findings, unread } = await judgeText(earlier, [migration("0001_it", sql)], all);
  return unread.length > 0 ? ["not SQL"] : findings.map(({ rule }) => rule);
}

describeWith(
  condition("TEST_PEERS", () => place !== ""),
  "other linters",
  () => {
    test.each([
      ["squawk", squawkCases],
      ["eugene", eugeneCases],
    ])("%s: what it finds, we find, or docs say why not", async (name, casesOf) => {
      const missed = new Map<string, string[]>();
      let count = 0;
      for (const one of casesOf(join(place, name)).filter(({ finds }) => finds)) {
        count += 1;
        const ours = rules.filter(({ peers }) => peers.includes(one.rule));
        const said = await found(one);
        if (said.some((rule) => ours.some((own) => own.name === rule))) continue;
        missed.set(one.rule, [...(missed.get(one.rule) ?? []), one.name]);
      }
      const unexplained = [...missed].filter(([rule]) => !page.includes(`| \`${rule}\` |`));
      const misses = [...missed.values()].flat().length;
      console.log(
        `${name}: ${count} fixtures, ${count - misses} found`,
        Object.fromEntries(missed),
      );
      expect(unexplained).toEqual([]);
      expect(count).toBeGreaterThan(10);
    });

    test.each(place === "" ? [] : readdirSync(join(place, "drizzle")))(
      "%s: its errors, for a person to judge",
      { timeout: limits.longTest },
      async (name) => {
        const { migrations } = readMigrationFolder(join(place, "drizzle", name), name);
        const counts = new Map<string, number>();
        const errors: string[] = [];
        for (const [index, one] of migrations.entries()) {
          const { findings } = await judgeText(migrations.slice(0, index), [one], usual);
          for (const { file, line, rule, says, severity } of findings) {
            counts.set(`${severity} ${rule}`, (counts.get(`${severity} ${rule}`) ?? 0) + 1);
            if (severity === "error") errors.push(`${file}:${line} ${rule}: ${says}`);
          }
        }
        console.log(`${name}: ${migrations.length} migrations`, Object.fromEntries(counts), errors);
        // Without a database nothing is proven: what is left is an error whatever the rows are.
        const certain = /drop-schema|drop-database|drop-type|truncate-cascade/;
        expect(errors.filter((error) => !certain.test(error))).toEqual([]);
      },
    );
  },
);
