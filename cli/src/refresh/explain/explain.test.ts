import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { noStyle } from "../../lib/terminal/style.ts";
import { explain } from "./explain.ts";
import { placeOf } from "./place.ts";
import { explanationText } from "./text.ts";

const schema = catalogueOf(
  `
  organizations(id bigint pk, name text)
  users(email text pk, full_name text, age integer, kind public.mood, gender public.mood, motto text)
  posts(id bigint pk, organization_id bigint!, author text > users.email, body text, likes integer, whole text = generated)
  drafts(id bigint pk, organization_id bigint, body text)
  plans(code text pk, title text)
  audit.events(id bigint pk, organization_id bigint!, user_name text)
  schema_migrations(version text pk)`,
  { enums: { "public.mood": ["good", "bad"] } },
);

const rules: RefreshRules = {
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "1" },
  tables: { users: "shared", "u*": "skip", "*": { nullTenant: "skip" } },
  else: "shared",
  columns: {
    "*.email": mask.email(),
    "users.*": mask.text(),
    "*.full_name": mask.name(),
    "*.*_name": mask.text(),
    "*.organization_*": mask.token(),
    "*.author": mask.token(),
    "posts.body": mask.keep(),
    "*.likes": mask.email(),
  },
  references: {},
  crossTenant: "fail",
  maskKey: "DS_MASK_KEY",
};

function explained(path: string, more: Partial<RefreshRules> = {}) {
  const place = placeOf(path, schema);
  if ("unknown" in place) throw new Error(path);
  return explain(place, { source: schema, target: schema, rules: { ...rules, ...more } });
}

const lost = (path: string) =>
  explained(path).passedOver.map(({ rule, because }) => `${rule}: ${because}`);

describe("a column", () => {
  test.each<[string, string | undefined, string | undefined, string | undefined, string[]]>([
    ["users.email", "mask.email()", "*.email", undefined, ["users.*: LESS_EXACT"]],
    [
      "users.full_name",
      "mask.name()",
      "*.full_name",
      undefined,
      ["*.*_name: LESS_EXACT", "users.*: LESS_EXACT"],
    ],
    ["audit.events.user_name", "mask.text()", "*.*_name", undefined, []],
    ["posts.author", "mask.email()", "*.email", undefined, ["*.author: REFERENCE"]],
    ["posts.body", undefined, "posts.body", "keep", []],
    ["posts.organization_id", undefined, undefined, "key", ["*.organization_*: SAYS_WHOSE"]],
    ["posts.likes", undefined, undefined, "passes", ["*.likes: NOT_MEANT"]],
    ["drafts.body", undefined, undefined, "unclassified", []],
  ])("%s", (path, code, rule, unmasked, passedOver) => {
    expect(explained(path)).toMatchObject({ kind: "column", mask: code, rule, unmasked });
    expect(lost(path)).toEqual(passedOver);
  });

  test.each([
    ["users.age", "mask.number()", "NAME"],
    ["users.gender", 'mask.dictionary(["good", "bad"])', "ALLOWED_VALUES"],
    ["users.kind", undefined, "NOT_NEEDED"],
    ["users.motto", "mask.text()", "TYPE"],
    ["posts.author", undefined, "KEY"],
    ["users.email", "mask.email()", "NAME"],
  ])("%s: what --init would propose, and by what", (path, code, by) => {
    expect(explained(path)).toMatchObject({ proposed: { code, by } });
  });

  test("that is not copied, and one that stops the refresh", () => {
    expect(explained("posts.whole")).toMatchObject({ copied: false });
    const told = explained("drafts.body");
    expect(told.problems.map(({ reason }) => reason.code)).toEqual(["UNCLASSIFIED"]);
    expect(explanationText(told, noStyle)).toMatch(
      /^drafts\.body: text\n {2}becomes .*nothing is copied/,
    );
  });
});

describe("a table", () => {
  test.each([
    ["users", { class: "shared", by: "rule", rule: "users" }, ["u*: LESS_EXACT", "*: LESS_EXACT"]],
    ["plans", { class: "skip", by: "else" }, ["*: LESS_EXACT"]],
    ["schema_migrations", { class: "keep", by: "ledger" }, ["*: LESS_EXACT"]],
    ["organizations", { class: "root", by: "path" }, ["*: SAYS_WHOSE"]],
    ["drafts", { class: "direct", by: "rule", rule: "*" }, []],
  ])("%s", (path, table, passedOver) => {
    expect(explained(path)).toMatchObject({ kind: "table", table });
    expect(lost(path)).toEqual(passedOver);
  });

  test("what --init would propose, and the question that it answers", () => {
    expect(explained("drafts")).toMatchObject({
      proposed: {
        rule: { nullTenant: "skip" },
        because: { reason: { code: "TENANT_MAY_BE_NULL" } },
      },
    });
    expect(explained("posts")).toMatchObject({ proposed: { rule: undefined, because: undefined } });
  });
});

test.each([
  ["user", "table", ["users"]],
  ["users.emal", "column", ["users.email"]],
  ["user.email", "column", ["users.email"]],
  ["audit.event", "column", ["audit.events"]],
  ["audit.events.name", "column", []],
  ["a.b.c.d", "column", []],
  ["nothing", "table", []],
  ["*.email", "column", []],
])("%s is not there", (path, unknown, similar) => {
  expect(placeOf(path, schema)).toEqual({ unknown, similar });
});
