import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { type Mask, mask } from "../../src/config/define/masks.ts";
import { evaluateConfig } from "../../src/config/io/evaluate.ts";
import { completeConfig, type RefreshRules } from "../../src/config/project-config.ts";
import { refreshSchema } from "../../src/config/schema/refresh.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { quoteLiteral } from "../../src/postgres/quote.ts";
import { maskedColumn } from "../../src/refresh/masks/masks.ts";
import type { Catalogue } from "../../src/refresh/model/catalogue.ts";
import { columnType } from "../../src/refresh/model/column-type.ts";
import { readCatalogue } from "../../src/refresh/model/io/read-catalogue.ts";
import { buildPlan } from "../../src/refresh/plan/build-plan.ts";
import { dsInProcess } from "../helpers/in-process.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

// docs/refresh.md is true: its rules are loaded and planned, its masks are run, and no option is missing in it.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/refresh.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(
    ([, text = ""]) => text,
  );
/** Cells of the lines of all tables that begin with a mask. */
const maskRows = page
  .split("\n")
  .filter((line) => line.startsWith("| `mask."))
  .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
  .map((cells) =>
    cells.map((cell) =>
      cell
        .trim()
        .replace(/^`(.*)`$/, "$1")
        .replaceAll("\\|", "|"),
    ),
  );

const [whole = "", ...others] = blocks("ts");
const temporary = new TemporaryFolder("ds-test-docs-");
let server: PostgresServer;
let client: Client;
let catalogue: Catalogue;

beforeAll(async () => {
  temporary.make();
  server = await startPostgres();
  client = await connectPostgres(await server.createDatabase(), { what: "the test server" });
  await client.query(blocks("sql").join("\n"));
  catalogue = await readCatalogue(client, { what: "the test server", without: [] });
  await client.query("create type mood as enum ('glad', 'sad')");
  await client.query("select set_config('ds.mask_key', 'the key of this page', false)");
});
afterAll(async () => {
  await client.end();
  await server.stop();
  await temporary.remove();
});

/** As a project's ds.config.ts is loaded. */
async function load(config: string, name: string): Promise<RefreshRules> {
  const folder = join(temporary.path, name);
  mkdirSync(folder);
  const file = join(folder, "ds.config.ts");
  writeFileSync(file, config);
  const { refresh } = completeConfig(await evaluateConfig(file, folder), folder, file);
  if (!refresh) throw new Error("no section `refresh`");
  return refresh;
}

/** `varchar(24)` as the catalogue has it. */
async function fullType(type: string): Promise<string> {
  await client.query(`drop table if exists one; create temporary table one (c ${type})`);
  const { rows } = await client.query<{ type: string }>(
    "select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'one'::regclass and attname = 'c'",
  );
  return rows[0]?.type ?? type;
}

const problemsWith = (rules: RefreshRules) =>
  buildPlan({ source: catalogue, target: catalogue, rules, organization: "org_demo" }).problems;

test("the whole section is a plan", async () => {
  expect(problemsWith(await load(whole, "whole"))).toEqual([]);
});

test.each(others.map((text, at) => [at + 1, text] as const))(
  "rules, example %i, fit the tables",
  async (at, text) => {
    // Its options stand for those of the whole section.
    const name = `example-${at}`;
    const [head = ""] = whole.split("  refresh: {\n");
    const has = (key: string) => new RegExp(`^${key}:`, "m").test(text);
    const needed = [
      has("from") ? "" : `from: "prod",`,
      has("tenant")
        ? ""
        : `tenant: { table: "organizations", column: "organization_id", demo: "org_demo" },`,
    ];
    const rules = await load(`${head}  refresh: {\n${needed.join("")}${text}},\n});\n`, name);
    const base = await load(whole, `${name}-whole`);
    const given = Object.keys(rules).filter(has);
    const merged = {
      ...base,
      ...Object.fromEntries(given.map((key) => [key, rules[key as never]])),
    };
    expect(problemsWith(merged).filter(({ kind }) => kind === "rules")).toEqual([]);
  },
);

describe("masks", () => {
  test.each(maskRows)("%s on %s: %s", async (code = "", type = "", value = "", expected = "") => {
    const rule = new Function("mask", `return ${code}`)(mask) as Mask;
    const labels = type === "mood" ? ["glad", "sad"] : undefined;
    const target = await fullType(type);
    const made = maskedColumn(rule, {
      value: "t.v",
      target,
      type: columnType(target, { enums: { mood: ["glad", "sad"] }, domains: {} }),
      notNull: false,
      unique: false,
      labels,
    });
    if ("misfit" in made) throw new Error(JSON.stringify(made.misfit));
    const { rows } = await client.query<{ m: string | null }>({
      text: `select ${made.sql} as m from (values (${quoteLiteral(value)}::${type})) t(v)`,
      types: { getTypeParser: () => String },
    });
    expect(rows[0]?.m ?? "NULL").toBe(expected);
  });

  test("every one has an example", () => {
    const shown = new Set(maskRows.map(([code = ""]) => /^mask\.(\w+)/.exec(code)?.[1]));
    expect(Object.keys(mask).filter((name) => !shown.has(name))).toEqual([]);
  });
});

test("every option has a place on the page", () => {
  const missing = Object.keys(refreshSchema.shape).filter((name) => !page.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});

test("and every flag", async () => {
  const flagsOf = async (...command: string[]) => {
    const place = { cwd: temporary.path, home: temporary.path, env: {} };
    const { stdout } = await dsInProcess(place, [...command, "--help"]);
    return [...new Set([...stdout.matchAll(/--[a-z-]+/g)].map(([flag]) => flag))];
  };
  const everyCommand = await flagsOf("db", "branches");
  const own = (await flagsOf("db", "refresh-staging")).filter(
    (flag) => !everyCommand.includes(flag),
  );
  expect(own.length).toBeGreaterThan(4);
  expect(own.filter((flag) => !page.includes(flag))).toEqual([]);
});
