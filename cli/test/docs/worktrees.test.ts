import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorktreeProject } from "../worktrees/helpers/worktree-project.ts";

// docs/worktrees.md is true: its day is lived, command by command, with the built command, the real git and a real engine.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/worktrees.md"), "utf8");
const steps = [...page.matchAll(/```sh worktree (\S+)\n([\s\S]*?)```/g)].map(
  ([, folder = "", script = ""]) => ({ folder, script }),
);
const project = new WorktreeProject();
const said: string[] = [];

beforeAll(async () => {
  project.make();
  await project.startEngine();
  await project.setUp("shop", "--developer", "phil");
  mkdirSync(project.at("bin"));
  const program = (name: string, text: string) => {
    writeFileSync(project.at("bin", name), text);
    chmodSync(project.at("bin", name), 0o755);
  };
  program("ds", `#!/bin/sh\nexec "${process.execPath}" "${join(root, "cli/bin/ds.js")}" "$@"\n`);
  program("write-migration", `#!/usr/bin/env node\n${writer}`);
  program("merge-journal", `#!/usr/bin/env node\n${merger}`);
});
afterAll(() => project.remove());

/** What drizzle-kit writes: the file, and its line in the journal. */
const writer = `
const { readFileSync, writeFileSync } = require("node:fs");
const [, , tag, sql] = process.argv;
const file = "drizzle/meta/_journal.json";
const journal = JSON.parse(readFileSync(file, "utf8"));
const idx = Number(tag.slice(0, 4));
journal.entries.push({ idx, version: "7", when: 1760000000000 + idx, tag, breakpoints: true });
writeFileSync(file, JSON.stringify(journal, null, 1));
writeFileSync(\`drizzle/\${tag}.sql\`, sql);
`;

/** Both sides' lines, as a person would leave them. */
const merger = `
const { readdirSync, writeFileSync } = require("node:fs");
const tags = readdirSync("drizzle").filter((name) => name.endsWith(".sql")).map((name) => name.slice(0, -4)).sort();
const entries = tags.map((tag, idx) => ({ idx, version: "7", when: 1760000000000 + Number(tag.slice(0, 4)), tag, breakpoints: true }));
writeFileSync("drizzle/meta/_journal.json", JSON.stringify({ version: "7", dialect: "postgresql", entries }, null, 1));
require("node:child_process").execFileSync("git", ["add", "."]);
require("node:child_process").execFileSync("git", ["-c", "core.editor=true", "commit", "--quiet", "--no-edit"]);
`;

function shell(folder: string, script: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${project.at("bin")}:${process.env.PATH}`,
    DS_HOME: project.home,
    NO_COLOR: "1",
  };
  const options = { cwd: project.at(folder), env };
  return new Promise((done, fail) =>
    execFile("sh", ["-e", "-c", script], options, (error, stdout, stderr) =>
      error ? fail(new Error(`${script}\n${stdout}${stderr}`)) : done(stdout + stderr),
    ),
  );
}

test("the day with two features", async () => {
  expect(steps.length).toBeGreaterThan(8);
  for (const { folder, script } of steps) said.push(await shell(folder, script));
  const all = said.join("\n");
  expect(all).toContain("Creating the branch dev-phil-shop-tags-local from main");
  expect(all).toContain("Creating the branch dev-phil-shop-notes-local from dev-phil-local");
  const tables = await project.query<{ name: string }>(
    "shop",
    "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
  );
  expect(tables.map(({ name }) => name)).toEqual(["notes", "tags", "words"]);
  expect(existsSync(project.at("shop-tags"))).toBe(false);
  expect(said.at(-1)).not.toContain("dev-phil-shop-tags-local \n");
  const { branches } = await project.json("shop", ["db", "branches"]);
  expect(branches.map(({ name }: { name: string }) => name)).not.toContain(
    "dev-phil-shop-tags-local",
  );
});
