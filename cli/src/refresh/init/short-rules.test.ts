import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { oneByOne } from "../../lib/format/name-lists.ts";
import type { Observed } from "../model/observed.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { draftTables, type Proposal, proposeColumns } from "./propose.ts";
import { proposalText } from "./propose-text.ts";

/** The section as the configuration reads it. */
function sectionOf(text: string): RefreshRules {
  const { refresh } = new Function("mask", `return { ${text} };`)(mask);
  return {
    ...{ references: {}, crossTenant: "fail", maskKey: "DS_MASK_KEY" },
    ...refresh,
    tables: oneByOne(refresh.tables),
    columns: oneByOne(refresh.columns),
  };
}

/** The same with one rule for each column. */
const longOf = (proposal: Proposal): RefreshRules => ({
  ...sectionOf(proposalText(proposal)),
  tables: proposal.tables,
  columns: Object.fromEntries(
    Object.entries(proposal.columns).map(([name, code]) => [
      name,
      new Function("mask", `return ${code};`)(mask),
    ]),
  ),
});

function proposed(catalogue: ReturnType<typeof catalogueOf>, observed: Observed = {}): Proposal {
  const draft = draftTables(catalogue);
  if (!draft) throw new Error("no table of organizations");
  return proposeColumns(draft, observed);
}

/** Class of each table, SQL of each column, and what speaks against it. */
function outcome(catalogue: ReturnType<typeof catalogueOf>, rules: RefreshRules) {
  const { plan, problems } = buildPlan({ source: catalogue, target: catalogue, rules });
  return {
    tables: plan.tables.map(({ table, class: of }) => `${table.name}: ${of}`),
    columns: plan.tables.flatMap(({ table, columns }) =>
      columns.map(({ name, expression }) => `${table.name}.${name}: ${expression}`),
    ),
    problems: problems.map(({ subject, reason }) => `${subject}: ${reason.code}`),
  };
}

/** The same for the same seed. */
function chances(seed: number) {
  let state = seed * 2_654_435_761;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    isMet: (percent: number) => next() * 100 < percent,
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
  };
}

const names =
  "id code email name title notes status kind currency country_code timezone metadata payload token phone ip birthday salary photo owner_type owner_id slug locale first_name zip place".split(
    " ",
  );
const types =
  "text text text text,bigint,jsonb,bytea,uuid,date,text[],character varying(8),character varying(40),inet,public.mood,boolean,numeric(10,2),point"
    .split(",")
    .flatMap((type) => (type === "text text text text" ? type.split(" ") : [type]));

/** Tables with the same names and other types, keys, references and values. */
function randomSchema(seed: number) {
  const chance = chances(seed);
  const lines = ["organizations(id bigint pk, name text)"];
  const observed: Observed = {};
  const texts: string[] = [];
  for (let table = 0; table < 9; table += 1) {
    const columns = new Map<string, string>();
    const key = chance.of(["id bigint", "id text", "code text", "email text"]);
    columns.set(key.split(" ")[0] ?? "", `${key} pk`);
    if (chance.isMet(70))
      columns.set("organization_id", `organization_id bigint${chance.isMet(80) ? "!" : ""}`);
    const parent = chance.isMet(50) ? texts.at(-1) : undefined;
    if (parent) {
      const name = chance.of(["author", "email", "code"]);
      if (!columns.has(name)) columns.set(name, `${name} text > ${parent}`);
    }
    for (let more = 0; more < 7; more += 1) {
      const name = chance.of(names);
      if (columns.has(name)) continue;
      const marks = `${chance.isMet(30) ? "!" : ""}${chance.isMet(15) ? " unique" : ""}${chance.isMet(5) ? " = generated" : ""}`;
      columns.set(name, `${name} ${chance.of(types)}${marks}`);
      if (chance.isMet(40)) {
        observed[`t${table}.${name}`] = {
          ...{ filled: 100, distinct: 3, longest: 20, common: chance.isMet(50) },
          shapes: chance.isMet(30) ? { [chance.of(["email", "name", "phone"] as const)]: 1 } : {},
          ...(chance.isMet(50) ? { json: { numbers: ["a.phone"], free: false } } : {}),
        };
      }
    }
    lines.push(`t${table}(${[...columns.values()].join(", ")})`);
    if (key.endsWith("text")) texts.push(`t${table}.${key.split(" ")[0]}`);
  }
  const more = { enums: { "public.mood": ["good", "bad"] } };
  return { catalogue: catalogueOf(lines.join("\n"), more), lines, more, observed };
}

const seeds = Array.from({ length: 60 }, (_, at) => at + 1);

test.each(seeds)(
  "schema %i: the short rules give every table and column what the long ones give",
  (seed) => {
    const { catalogue, observed } = randomSchema(seed);
    const proposal = proposed(catalogue, observed);
    const short = sectionOf(proposalText(proposal));
    expect(outcome(catalogue, short)).toEqual(outcome(catalogue, longOf(proposal)));
  },
);

test.each(seeds)("schema %i: a table to come loses nothing to a pattern", (seed) => {
  const { catalogue, lines, more, observed } = randomSchema(seed);
  const short = sectionOf(proposalText(proposed(catalogue, observed)));
  const added = `later(id bigint pk, organization_id bigint!, ${names
    .filter((name) => name !== "id")
    .map((name) => `${name} text`)
    .join(", ")}, data jsonb, blob bytea)`;
  const grown = catalogueOf([...lines, added].join("\n"), more);
  const { plan } = buildPlan({ source: grown, target: grown, rules: short });
  const kept = plan.tables
    .find(({ table }) => table.name === "later")
    ?.columns.filter(({ unmasked }) => unmasked === "keep");
  const columns = proposed(grown, observed).columns;
  for (const { name } of kept ?? [])
    expect([name, columns[`later.${name}`]]).toEqual([name, "mask.keep()"]);
});

describe("which rules are for many", () => {
  const sectionFor = (lines: string, observed: Observed = {}) =>
    proposalText(proposed(catalogueOf(`organizations(id bigint pk)\n${lines}`), observed));
  const owned = (name: string, columns: string) =>
    `${name}(id bigint pk, organization_id bigint!, ${columns})`;

  test("names in one list; what has another mask, and what is kept or left in part, by its own name", () => {
    const common = { filled: 90, distinct: 2, longest: 9, shapes: {}, common: true };
    const text = sectionFor(
      [
        owned("a", "email text, notes text, status text, currency text, data jsonb"),
        owned("b", "email text unique, notes text unique, status text, currency text, data jsonb"),
        owned("c", "notes text"),
      ].join("\n"),
      { "a.status": common, "b.status": common },
    );
    expect(text).toContain('"*.email": mask.email(),');
    expect(text).toContain('"*.notes": mask.text(),');
    expect(text).toContain('"b.notes": mask.text({ unique: true }),');
    expect(text).toContain('"a.status, b.status, *.currency": mask.keep(),');
    expect(text).toContain('"*.data": mask.json(),');
  });

  test("JSON of which nothing is left, but none of which something is", () => {
    const free = {
      ...{ filled: 9, distinct: 9, longest: 9, shapes: {}, common: false },
      json: { numbers: [], free: true },
    };
    const named = { ...free, json: { numbers: ["phone"], free: false } };
    const text = sectionFor(
      [owned("a", "data jsonb, extra jsonb"), owned("b", "data jsonb, extra jsonb")].join("\n"),
      { "a.data": free, "b.data": free, "a.extra": named, "b.extra": named },
    );
    expect(text).toContain('"*.data": mask.json({}, { others: "drop" }),');
    expect(text).toContain('"a.extra, b.extra": mask.json({ "phone": mask.token() }),');
  });

  test("none that would mask what needs no rule, or that no mask fits", () => {
    const text = sectionFor(
      [owned("a", "code text"), owned("b", "code bigint"), "c(code text pk)"].join("\n"),
    );
    expect(text).not.toContain("*.code");
    expect(text).toContain('"a.code": mask.token(),');
  });

  test("references with the same end, and pairs of a type and an id, stand in one list", () => {
    const proposal = proposed(
      catalogueOf(
        `organizations(id bigint pk)\n${owned("a", "x_type text, x_id bigint, y_type text, y_id bigint")}`,
      ),
    );
    const references = { "a.one": { to: "b.id" }, "a.two": { to: "b.id" } };
    const crossTenant = { "a.one": "null", "a.two": "null" } as const;
    const text = proposalText({ ...proposal, soft: { references, crossTenant } });
    expect(text).toContain('"a.one, a.two": { to: "b.id" },');
    expect(text).toContain('"a.one, a.two": "null",');
    expect(text).toContain('"a.x_id": { type: "x_type", to: { Item: "items.id", Other: null } },');
    expect(text).toMatch(/\/\/ {3}a\.y_id$/m);
  });

  test("tables with the same rule stand in one list", () => {
    expect(
      sectionFor("a(id bigint pk, organization_id bigint!)\nx(id bigint pk)\ny(id bigint pk)"),
    ).toContain('"x, y": "skip",');
  });
});
