import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChangedPagesAnswer } from "../../src/neon/io/database-calls.ts";
import { pagesUnknown } from "../../src/postgres/rows/pages.ts";
import { DsProject } from "../helpers/ds-project.ts";

// docs/row-diff.md is true: its statements and commands are run in their order, and say what the page has.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/row-diff.md"), "utf8");
const blocks = [...page.matchAll(/```(sql|console)\n([\s\S]*?)```/g)].map(
  ([, kind = "", text = ""]) => ({ kind, text }),
);
const project = new DsProject(`{ project: "shop" }`);

beforeAll(async () => {
  project.migrations.add(
    "0000_shop",
    `create table items (id int primary key, title text, priority int, api_token text);
     insert into items select n, 'item ' || n, 2, 'tok-' || n from generate_series(1, 5000) n`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

/** Times, and how many pages there are, differ from run to run. */
const withoutNumbers = (text: string) =>
  text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replace(/(\d+(ms|s|m|h) ?)+ago/g, "<ago>")
    .replace(/changed pages: [\d,]+ of [\d,]+/g, "changed pages: <n> of <n>");

function run(args: string[]): Promise<string> {
  const env = { ...process.env, DS_HOME: project.home, NO_COLOR: "1" };
  return new Promise((resolve) => {
    const ds = join(root, "cli/bin/ds.js");
    execFile(process.execPath, [ds, ...args], { cwd: project.path, env }, (_, stdout, stderr) => {
      const said = stderr.split("\n").filter((line) => line.trim() !== "" && !/^[✓◒-]/.test(line));
      resolve([...said, stdout.trimEnd()].join("\n"));
    });
  });
}

test("the afternoon", async () => {
  expect(blocks.map(({ kind }) => kind)).toEqual(["sql", "console", "sql", "console"]);
  const client = new Client({ connectionString: project.url });
  client.on("error", () => {});
  await client.connect();
  for (const { kind, text } of blocks) {
    if (kind === "sql") {
      // So that what was before is before the moment that the next command names.
      await sleep(2_500);
      await client.query(text);
      continue;
    }
    for (const [, line = "", output = ""] of text.matchAll(/^\$ ds (.*)\n((?:(?!\$ ).*\n?)*)/gm)) {
      const said = await run(line.split(" "));
      expect(withoutNumbers(said), line).toBe(withoutNumbers(output.trimEnd()));
    }
  }
  await client.end();
});

test("every reason is on the page, and the answer of the route is of the shape that is read", () => {
  for (const reason of [...pagesUnknown, "NOT_OFFERED"]) expect(page).toContain(`\`${reason}\``);
  const [, example = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const answer = JSON.parse(example) as ChangedPagesAnswer;
  expect(Object.keys(answer)).toEqual(["forkedAt", "files", "open"]);
});
