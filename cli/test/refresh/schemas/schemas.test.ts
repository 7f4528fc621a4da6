import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { limits } from "../../../../scripts/test-support/limits.ts";
import { condition, describeWith } from "../../../../scripts/test-support/needs.ts";
import { withPostgres } from "../../../src/postgres/io/connect.ts";
import { sqlToolLine } from "../sql-tool.ts";
import { RefreshStage, schemaLines } from "../stage.ts";
import { fillMarked, type MarkedProduction } from "./fill-marked.ts";
import { examine, type Verdict } from "./oracle.ts";
import { type ForeignSchema, readSchemas } from "./read-schema.ts";

// Schemas that are not in this repository, with the rules of `--init` that nobody has read. CONTRIBUTING.md says how to
// give them; what a person has to judge is printed.

const list = process.env.TEST_SCHEMAS ?? "";
const tenants = [1, 2, 3];
const copied = 2;

describeWith(
  condition("TEST_SCHEMAS", () => list !== ""),
  "schemas from outside",
  () => {
    let stage: RefreshStage | undefined;
    afterEach(async () => {
      await stage?.stop();
      stage = undefined;
    });

    test.each(readSchemas(list))("$name", { timeout: limits.longTest }, async (schema) => {
      stage = await RefreshStage.start({
        schema: schema.migrations,
        data: "",
        rules: "undefined",
        migrations: sqlToolLine,
      });
      await holds(stage, schema);
    });
  },
);

const ledger = "select * from public.schema_migrations order by 1";

async function holds(stage: RefreshStage, { name }: ForeignSchema): Promise<void> {
  const onProduction = <T>(work: Parameters<typeof withPostgres<T>>[2]) =>
    withPostgres(stage.production, { what: "production" }, work);
  const filled = await onProduction((client) => fillMarked(client, tenants.length));
  const schemaBefore = await stage.onMain(schemaLines);
  const ledgerBefore = await stage.rows(ledger);

  const run = await refreshUnread(stage, filled);
  const verdict = await onProduction((there) =>
    stage.onMain((here) =>
      examine(here, there, {
        tenant: copied,
        tenants,
        tenantColumns: filled.options.tenantColumns,
        softReferences: filled.options.references ?? {},
      }),
    ),
  );
  console.info(reportOf(name, { filled, run, verdict }));
  expect(verdict).toMatchObject({ foreign: [], marked: [], broken: [] });
  expect(await stage.onMain(schemaLines)).toEqual(schemaBefore);
  expect(await stage.rows(ledger)).toEqual(ledgerBefore);
}

/** `--init`, and a refresh with what it wrote: nobody says more than which organization, and where production is. */
async function refreshUnread(
  stage: RefreshStage,
  { options, keys }: MarkedProduction,
): Promise<Unread> {
  stage.project.write(
    "ds.config.ts",
    `import { defineConfig } from "@devstride/ds";\nexport default defineConfig({\n  project: "zoo",\n  ${sqlToolLine}\n});\n`,
  );
  const url = { PRODUCTION_DATABASE_URL: stage.production };
  const began = performance.now();
  const init = await stage.run(
    ["db", "refresh-staging", "--init", "--tenant", options.root, "--json"],
    url,
  );
  if (init.status !== 0) throw new Error(init.stderr);
  const written = readFileSync(join(stage.project.path, "ds.config.ts"), "utf8");
  stage.project.write(
    "ds.config.ts",
    written
      .replace(`demo: "demo"`, `demo: ${JSON.stringify(keys.get(copied))}`)
      .replace("current_setting('cluster_name')", "current_setting('zoo.place', true)"),
  );
  const proposed = performance.now();
  const refresh = await stage.run(["db", "refresh-staging", "--yes", "--json"], url);
  if (refresh.status !== 0) throw new Error(refresh.stderr);
  return {
    rules: written,
    unseen: JSON.parse(init.stdout).unseen,
    init: (proposed - began) / 1000,
    refresh: (performance.now() - proposed) / 1000,
  };
}

interface Unread {
  /** ds.config.ts as it was proposed. */
  rules: string;
  /** What the proposal could not look at. */
  unseen: string[];
  init: number;
  refresh: number;
}

interface Outcome {
  filled: MarkedProduction;
  run: Unread;
  verdict: Verdict;
}

function reportOf(name: string, { filled, run, verdict }: Outcome): string {
  const { catalogue, made, options } = filled;
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const empty = tables.filter(({ name: table }) => (made.get(table) ?? []).length === 0);
  const owned = [...made].map(([table, rows]) => ({
    table,
    there: rows.filter(({ tenant }) => tenant === copied).length,
    here: verdict.rows.get(table) ?? 0,
  }));
  const fewer = owned.filter(({ there, here }) => here < there);
  const section = (title: string, lines: string[]) =>
    lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line}`)];
  return [
    `${name}: ${tables.length} tables (${options.root}, by ${options.tenantColumns.join(", ")}), ${run.rules.split("\n").length} lines of rules, --init ${run.init.toFixed(1)} s, refresh ${run.refresh.toFixed(1)} s`,
    ...section("not looked at", run.unseen),
    ...section("another tenant's", verdict.foreign),
    ...section("not masked", verdict.marked),
    ...section("broken", verdict.broken),
    ...section("references that are not declared, and lead nowhere", verdict.unjoined),
    ...section(
      "rules that keep",
      run.rules.split("\n").filter((line) => line.includes("mask.keep()")),
    ),
    ...section("as in production, without a mark in it: to be judged", verdict.kept),
    ...section(
      "fewer rows than the organization has",
      fewer.map(({ table, there, here }) => `${table}: ${here} of ${there}`),
    ),
    ...section(
      "no row could be made",
      [empty.map(({ name: table }) => table).join(", ")].filter(Boolean),
    ),
  ].join("\n");
}
