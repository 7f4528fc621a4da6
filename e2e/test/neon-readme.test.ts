import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";
import { succeeded } from "../support/run.ts";

/** What README.md shows of Neon's command line is so: each command is run, and prints each line that is shown. */

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const [, shown = ""] =
  /### Neon's CLI 6, offline[\s\S]*?```console\n([\s\S]*?)```/.exec(readme) ?? [];
const steps = shown
  .split(/^\$ /m)
  .slice(1)
  .map((step) => step.trimEnd().split("\n"));

const machine = new NeonMachine();
let project: string;

beforeAll(async () => {
  await machine.start();
  project = await machine.createProject("shop");
  await query(
    await machine.url(project, "main"),
    "create table notes (id int primary key); insert into notes values (1)",
  );
});

afterAll(() => machine.close());

/** Ids, folders and times differ from run to run. */
const same = (line: string) =>
  line
    .replace(/\b(br|snap)-[a-z]+-[a-z]+-[a-z0-9]{8}\b/g, "$1")
    .replace(/\b[a-z]+-[a-z]+-\d{8}\b/g, "project")
    .replace(/\/\S+\/(\.neon|\.env\.local)/g, "$1")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time")
    .replace(/\d+ (kB|bytes)/g, "size")
    .replace(/ {2,}/g, "  ")
    .trim();

async function printedBy(command: string): Promise<string> {
  const sql = /^psql .* -c "(.*)"$/.exec(command)?.[1];
  if (sql !== undefined) {
    await query(await machine.url(project, "feature"), sql);
    return "";
  }
  const [program, ...args] = command.split(" ");
  expect(program).toBe("neon");
  const { stdout, stderr } = succeeded(await machine.neon(...args));
  return stdout + stderr;
}

test("the transcript", async () => {
  expect(steps.length).toBe(8);
  for (const [command = "", ...lines] of steps) {
    const printed = (await printedBy(command)).split("\n").map(same);
    for (const line of lines) expect(printed, command).toContain(same(line));
  }
});
