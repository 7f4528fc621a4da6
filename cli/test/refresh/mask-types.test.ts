import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { longRun } from "../../../scripts/test-support/needs.ts";
import { type Mask, mask } from "../../src/config/define/masks.ts";
import { completeConfig, type RefreshRules } from "../../src/config/project-config.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { copyData } from "../../src/refresh/copy/io/copy-data.ts";
import { beginLooking } from "../../src/refresh/copy/io/sessions.ts";
import { proposeFitting } from "../../src/refresh/init/io/fit-masks.ts";
import { draftTables } from "../../src/refresh/init/propose.ts";
import { readCatalogue } from "../../src/refresh/model/io/read-catalogue.ts";
import type { Problem } from "../../src/refresh/model/problem.ts";
import { problemText } from "../../src/refresh/model/problem-text.ts";
import { requireSelects } from "../../src/refresh/plan/io/check-selects.ts";
import { makePlan } from "../../src/refresh/plan/io/make-plan.ts";
import { PlanRefused } from "../../src/refresh/plan/problems.ts";
import { sampleColumns } from "../../src/refresh/samples/io/sample-columns.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";
import { silentPhases } from "../helpers/refresh/plan.ts";
import { type PgType, pgTypes, typesSql } from "./pg-types.ts";

// Every mask on every type, in wide tables: the plan refuses it in a sentence with a code, or its values are valid, the same
// for the same value, unique where they have to be, NULL where that was there, and none of production's.

const key = "0123456789abcdef";
const different = longRun.find() ? 400 : 4;
const extensions = ["citext", "hstore", "ltree", "isn", "cube", "seg", "vector"];

const masks: [name: string, rule: Mask][] = [
  ...(["email", "phone", "url", "ip", "uuid", "token", "code", "null", "keep"] as const).map(
    (name): [string, Mask] => [name, mask[name]()],
  ),
  ["name", mask.name()],
  ["text", mask.text()],
  ["text_unique", mask.text({ unique: true })],
  ["date", mask.date()],
  ["date_unique", mask.date({ unique: true })],
  ["number", mask.number()],
  ["json", mask.json()],
  ["json_paths", mask.json({ name: mask.name(), "list[]": mask.token() }, { others: "drop" })],
  ["word", mask.constant("sad")],
  ["one", mask.constant(7)],
  ["dictionary", mask.dictionary(["sad", "ok"])],
  ["sql", mask.sql("md5({value}::text)")],
];

let server: PostgresServer;
let source: Client;
let urls: { from: string; to: string };
let types: PgType[];

beforeAll(async () => {
  server = await startPostgres();
  const admin = await connectPostgres(server.adminUrl(), { what: "the server" });
  await admin.query("create database types_from");
  const { rows } = await admin.query<{ name: string }>(
    "select name from pg_available_extensions where name = any($1)",
    [extensions],
  );
  const there = rows.map(({ name }) => name);
  types = pgTypes(there);
  urls = { from: server.adminUrl("types_from"), to: server.adminUrl("types_to") };
  source = await connectPostgres(urls.from, { what: "production" });
  await source.query(
    `${there.map((name) => `create extension ${name};`).join("\n")} ${typesSql}
     create table organizations (id int primary key); insert into organizations values (1), (2);
     ${masks.map(([name]) => tables(name)).join("\n")} ${tables("proposed")}`,
  );
  // Main is production without its rows.
  await admin.query("create database types_to template template0");
  await admin.end();
  const target = await connectPostgres(urls.to, { what: "main" });
  await target.query(
    `${there.map((name) => `create extension ${name};`).join("\n")} ${typesSql}
     create table organizations (id int primary key);
     ${masks.map(([name]) => tables(name)).join("\n")} ${tables("proposed")}`,
  );
  await target.end();
  await fill();
}, limits.longTest);
afterAll(async () => {
  await source?.end();
  await server?.stop();
});

/** Types that have fewer values than there are rows, as the long run has them. */
const few = ["character(1)", '"char"', "public.mood", "public.mood[]"];
/** Three characters of what the SQL mask makes are soon the same: that a person's SQL keeps values apart is his own promise. */
const fewBySql = [...few, "character varying(3)"];
const canBeUnique = (name: string, { type, unique, ofOneServer }: PgType): boolean =>
  unique && !ofOneServer && (different <= 8 || !(name === "sql" ? fewBySql : few).includes(type));

/** `some_…`: may be NULL, and some values are there twice; `only_…`: NOT NULL and unique. */
function tables(name: string): string {
  const start = "id int primary key, organization_id int not null references organizations";
  const some = types.map(({ type }, at) => `ssn_${at} ${type}`);
  const only = types.flatMap((each, at) =>
    canBeUnique(name, each) ? [`ssn_${at} ${each.type} not null unique`] : [],
  );
  const needed = types.map(({ type }, at) => `ssn_${at} ${type} not null`);
  return [
    `create table some_${name} (${[start, ...some].join(", ")});`,
    `create table only_${name} (${[start, ...only].join(", ")});`,
    ...(name === "proposed"
      ? [`create table needed_${name} (${[start, ...needed].join(", ")});`]
      : []),
  ].join("\n");
}

async function fill(): Promise<void> {
  const values = types.map(({ type, value }) => `(${value})::${type}`).join(", ");
  const only = (name: string) =>
    types
      .filter((each) => canBeUnique(name, each))
      .map(({ type, value }) => `(${value})::${type}`)
      .join(", ");
  const statements = [...masks.map(([name]) => name), "proposed"].flatMap((name) => [
    `insert into some_${name} select i, 1, ${values} from (select i, 1 + (i - 1) % ${different} as n from generate_series(1, ${different * 2}) i) r`,
    `insert into some_${name} (id, organization_id) values (0, 1)`,
    `insert into only_${name} select n, 1, ${only(name)} from generate_series(1, ${different}) n`,
  ]);
  await source.query(statements.join(";\n"));
  await source.query(
    `insert into needed_proposed select n, 1, ${values} from generate_series(1, ${different}) n`,
  );
}

type Columns = RefreshRules["columns"];

const codes =
  /^(MASK_(TYPE|NULL|TOO_LONG|VALUE|NOT_UNIQUE|TOO_LONG_UNIQUE|TOO_FEW_DIGITS|FAILS|BREAKS_CHECK)|TYPE_OF_ONE_SERVER)$/;

/** The plan, and every pair that it refuses; with what is left instead of these: nothing, or in `only_…` the value. */
async function planned(columns: Columns) {
  const refused = new Map<string, Problem>();
  const main = await connectPostgres(urls.to, { what: "main" });
  const looking = await connectPostgres(urls.from, { what: "production" });
  try {
    await beginLooking(looking, { tenant: "1", maskKey: key });
    for (;;) {
      const instead = Object.fromEntries(
        [...refused.keys()].map((name) => [
          name,
          name.startsWith("only_") ? mask.keep() : mask.null(),
        ]),
      );
      const rules = rulesOf({ ...columns, ...instead });
      const { plan, problems } = await makePlan(looking, main, { rules, without: [] });
      const found =
        problems.length > 0
          ? problems
          : await requireSelects(looking, plan).then(
              () => [],
              (error: unknown) => {
                if (error instanceof PlanRefused) return [...error.problems];
                throw error;
              },
            );
      if (found.length === 0) return { plan, refused };
      const before = new Set(refused.keys());
      for (const problem of found) {
        expect(problem.subject).toMatch(/^(some|only|needed)_\w+\.ssn_\d+$/);
        expect(problem.reason.code).toMatch(codes);
        expect(problemText(problem)).toMatch(/\w+ \w+/);
        // It has been refused, and nothing is left of that.
        expect([problem.subject, before.has(problem.subject)]).toEqual([problem.subject, false]);
        refused.set(problem.subject, problem);
      }
    }
  } finally {
    await looking.end();
    await main.end();
  }
}

function rulesOf(columns: Columns): RefreshRules {
  const tenant = { table: "organizations", column: "organization_id", demo: "1" };
  const refresh = { from: "prod", tenant, columns };
  const { refresh: rules } = completeConfig({ project: "p", refresh }, "/", undefined);
  if (!rules) throw new Error("no rules");
  return rules;
}

async function copied(columns: Columns) {
  const { plan, refused } = await planned(columns);
  await copyData(
    {
      plan,
      source: { connect: () => connectPostgres(urls.from, { what: "production" }) },
      target: { connect: () => connectPostgres(urls.to, { what: "main" }) },
      values: { tenant: "1", maskKey: key },
      streams: 2,
    },
    silentPhases,
    new AbortController().signal,
  );
  return refused;
}

/** Each column's values as text, in order of the rows. */
async function valuesOf(url: string, table: string): Promise<Record<string, (string | null)[]>> {
  const client = await connectPostgres(url, { what: "a database" });
  try {
    const { rows } = await client.query<{ row: Record<string, string | null> }>(
      `select (select jsonb_object_agg(c.key, c.value) from jsonb_each_text(to_jsonb(t)) c) as row from ${table} t order by id`,
    );
    const names = Object.keys(rows[0]?.row ?? {}).filter((name) => name.startsWith("ssn_"));
    return Object.fromEntries(
      names.map((name) => [name, rows.map(({ row }) => row[name] ?? null)]),
    );
  } finally {
    await client.end();
  }
}

const everyColumn = (rule: (name: string) => Mask): Columns =>
  Object.fromEntries(
    masks.flatMap(([name]) =>
      types.flatMap((type, at) => [
        [`some_${name}.ssn_${at}`, rule(name)],
        ...(canBeUnique(name, type) ? [[`only_${name}.ssn_${at}`, rule(name)] as const] : []),
      ]),
    ),
  );

/** Types of which no mask keeps different values different, and nothing at all may not come. */
const unmaskable = [
  ...[
    "real",
    "jsonb",
    "tsvector",
    "jsonb[]",
    "public.even",
    "public.place",
    "public.place[]",
    "public.span",
    "public.hstore",
  ],
  ...["public.ltree", "public.cube", "public.seg", "public.vector(3)"],
];

/** Nothing is told by what stays: it is said to stay, or the same everywhere. */
const mayStay = ["keep", "word", "one", "dictionary", "null"];

test(
  "every mask on every type is refused, or keeps what it promises",
  async () => {
    const rules = Object.fromEntries(masks);
    const columns = everyColumn((name) => rules[name] ?? mask.keep());
    const { columns: advised, unfit } = await proposed();
    expect(unfit.filter(([name]) => !name.startsWith("only_"))).toEqual([]);
    const there = new Set(types.map(({ type }) => type));
    expect(unfit.map(([, type]) => type)).toEqual(unmaskable.filter((type) => there.has(type)));
    const kept = Object.fromEntries(unfit.map(([name]) => [name, mask.keep()]));
    const refused = await copied({ ...columns, ...advised, ...kept });
    expect([...refused.keys()].filter((name) => name.includes("proposed"))).toEqual([]);
    const wrong: string[] = [];
    for (const [name, rule] of masks) {
      for (const kind of ["some", "only"]) {
        const table = `${kind}_${name}`;
        const [raw, made] = [await valuesOf(urls.from, table), await valuesOf(urls.to, table)];
        for (const [at, { type }] of types.entries()) {
          const column = `ssn_${at}`;
          const before = raw[column];
          const after = made[column];
          if (!before || !after || refused.has(`${table}.${column}`)) continue;
          const fail = (what: string) =>
            wrong.push(`${table} ${type}: ${what}: ${before.slice(0, 2)} -> ${after.slice(0, 2)}`);
          if (before.length !== after.length) fail("rows");
          const isBlank = rule.mask === "null";
          if (before.some((value, n) => (value === null || isBlank) !== (after[n] === null)))
            fail("NULL");
          const masked = new Map(before.map((value, n) => [value, after[n]]));
          if (before.some((value, n) => masked.get(value) !== after[n])) fail("not the same again");
          if (kind === "only" && new Set(after).size !== after.length) fail("not unique");
          const stays = before.filter(
            (value, n) => value !== null && value.length > 3 && value === after[n],
          );
          if (!mayStay.includes(name) && stays.length > 0) fail("stays");
          if (!mayStay.includes(name) && after.some((value) => /qzreal/i.test(value ?? "")))
            fail("raw");
        }
      }
    }
    expect(wrong).toEqual([]);
    const fitsSome = (name: string) =>
      types.some((_, at) => !refused.has(`some_${name}.ssn_${at}`));
    expect(masks.filter(([name]) => !fitsSome(name))).toEqual([]);
    expect([...refused.keys()].filter((name) => name.startsWith("some_null."))).toEqual([]);
  },
  limits.longTest,
);

/** What --init says of the tables `…_proposed`. */
async function proposed(): Promise<{ columns: Columns; unfit: [name: string, type: string][] }> {
  const client = await connectPostgres(urls.from, { what: "production" });
  try {
    await beginLooking(client, { tenant: "1", maskKey: key });
    const catalogue = await readCatalogue(client, { what: "production", without: [] });
    const isAbout = (name: string) => name.endsWith("_proposed") || name === "organizations";
    const some = catalogue.tables.filter(({ name }) => isAbout(name));
    const draft = draftTables({ ...catalogue, tables: some });
    if (!draft) throw new Error("no draft");
    const { observed, unseen } = await sampleColumns(client, draft.schema, draft.tables);
    expect(unseen).toEqual([]);
    const { proposal } = await proposeFitting(client, draft, observed);
    const columns = Object.entries(proposal.columns).map(([name, code]) => [
      name,
      new Function("mask", `return ${code}`)(mask) as Mask,
    ]);
    return { columns: Object.fromEntries(columns), unfit: Object.entries(proposal.unfit) };
  } finally {
    await client.end();
  }
}
