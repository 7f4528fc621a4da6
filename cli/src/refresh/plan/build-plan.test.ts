// More than 300 lines: one table of cases: what a plan makes of a schema and its rules.

import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { shownProblem, shownReason } from "../../../test/helpers/refresh/problem.ts";
import { mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { noStyle } from "../../lib/terminal/style.ts";
import { buildPlan, type PlanInput } from "./build-plan.ts";
import { planDocument, planText } from "./text.ts";

const sample = `
  organizations(id text pk, name text!, plan_code text! > plans.code)
  plans(code text pk, name text!)
  users(id bigint pk, email text! unique, phone text)
  memberships(organization_id text! > organizations.id, user_id bigint! > users.id; pk organization_id user_id)
  boards(id bigint pk, organization_id text! > organizations.id, created_by bigint! > users.id)
  items(id bigint pk, organization_id text! > organizations.id, board_id bigint! > boards.id, assignee_id bigint > users.id, title text!)
  comments(id bigint pk, item_id bigint! > items.id, author_id bigint! > users.id, reply_to_id bigint > comments.id, body text!)
  item_watchers(item_id bigint! > items.id, user_id bigint! > users.id; pk item_id user_id)
`;

const rules: RefreshRules = {
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "org_demo" },
  tables: { users: "shared", plans: "reference" },
  columns: {
    "organizations.name": mask.name({ part: "company" }),
    "users.email": mask.email(),
    "*.phone": mask.phone(),
    "items.title": mask.text(),
    "comments.body": mask.text(),
  },
  references: {},
  crossTenant: "fail",
  maskKey: "DS_MASK_KEY",
};

function plan(lines: string, more: Partial<RefreshRules> = {}, input: Partial<PlanInput> = {}) {
  const source = catalogueOf(lines);
  return buildPlan({ source, target: source, rules: { ...rules, ...more }, ...input });
}

/** `class` and path of each table, and what speaks against the plan. */
const shown = ({ plan: { tables }, problems }: ReturnType<typeof plan>) => ({
  tables: Object.fromEntries(
    tables.map(({ table, class: of, path }) => [table.name, [of, ...path.slice(1)].join(" > ")]),
  ),
  problems: problems.map(shownProblem),
});

const filterOf = (result: ReturnType<typeof plan>, name: string) =>
  result.plan.tables.find(({ table }) => table.name === name)?.filter;

test("the usual kind: by column, by foreign key, shared, reference", () => {
  const result = plan(sample);
  expect(shown(result)).toEqual({
    tables: {
      organizations: "root",
      boards: "direct > organizations",
      items: "direct > organizations",
      memberships: "direct > organizations",
      comments: "derived > items > organizations",
      item_watchers: "derived > items > organizations",
      users: "shared",
      plans: "reference",
    },
    problems: [],
  });
  expect(filterOf(result, "organizations")).toBe(`t."id" = current_setting('ds.tenant')`);
  expect(filterOf(result, "comments")).toBe(
    `exists (select from only "public"."items" p1 where p1."id" = t."item_id" and p1."organization_id" = current_setting('ds.tenant'))`,
  );
  expect(filterOf(result, "users")).toBeUndefined();
  const items = result.plan.tables.find(({ table }) => table.name === "items");
  expect(items?.alternatives).toEqual([
    {
      path: ["items", "boards", "organizations"],
      filter: `exists (select from only "public"."boards" p1 where p1."id" = t."board_id" and p1."organization_id" = current_setting('ds.tenant'))`,
    },
  ]);
  expect(items?.columns.map(({ name, mask }) => [name, mask])).toEqual([
    ["id", undefined],
    ["organization_id", undefined],
    ["board_id", undefined],
    ["assignee_id", undefined],
    ["title", "text"],
  ]);
});

const sampled = { filled: 9, distinct: 9, longest: 9, shapes: {}, common: false };

/** A small tenant beside the tables of a case. */
const base = "organizations(id bigint pk)\n";
const bare: Partial<RefreshRules> = { tables: {}, columns: {} };

describe("which tables are the tenant's", () => {
  const cases: [string, string, Partial<RefreshRules>, Record<string, string>, string[]][] = [
    ["nothing leads there", "logs(id bigint pk)", {}, {}, ["table: logs: NO_PATH"]],
    [
      "a foreign key of another name",
      "teams(id bigint pk, owner_org bigint! > organizations.id)",
      {},
      { teams: "derived > organizations" },
      [],
    ],
    [
      "only through what may be NULL",
      "teams(id bigint pk, org bigint > organizations.id)",
      {},
      {},
      ["table: teams: ONLY_NULLABLE_PATH org"],
    ],
    [
      "through what may be NULL, as the rules say",
      "teams(id bigint pk, org bigint > organizations.id)",
      { tables: { teams: { via: "org", nullTenant: "shared" } } },
      { teams: "derived > organizations" },
      [],
    ],
    [
      "the same, with nothing said of NULL",
      "teams(id bigint pk, org bigint > organizations.id)",
      { tables: { teams: { via: "org" } } },
      { teams: "derived > organizations" },
      ["table: teams: TENANT_MAY_BE_NULL org"],
    ],
    [
      "a tenant column that may be NULL",
      "teams(id bigint pk, organization_id bigint)",
      {},
      {},
      ["table: teams: TENANT_MAY_BE_NULL organization_id"],
    ],
    [
      "the same, as the rules say",
      "teams(id bigint pk, organization_id bigint)",
      { tables: { teams: { nullTenant: "all" } } },
      { teams: "direct > organizations" },
      [],
    ],
    [
      "a tenant column that leads elsewhere",
      "accounts(id bigint pk)\nteams(id bigint pk, organization_id bigint! > accounts.id)",
      { tables: { accounts: "skip", teams: "skip" } },
      { accounts: "skip", teams: "skip" },
      [],
    ],
    [
      "the same, unsaid",
      "accounts(id bigint pk)\nteams(id bigint pk, organization_id bigint! > accounts.id)",
      { tables: { accounts: "shared" } },
      { accounts: "shared" },
      ["table: teams: REFERS_ELSEWHERE organization_id accounts organizations.id"],
    ],
    [
      "a tenant column of another type",
      "teams(id bigint pk, organization_id uuid!)",
      {},
      {},
      ["table: teams: INCOMPARABLE organization_id uuid organizations.id bigint"],
    ],
    [
      "a narrower integer will do",
      "teams(id bigint pk, organization_id integer!)",
      {},
      { teams: "direct > organizations" },
      [],
    ],
    [
      "two steps",
      "a(id bigint pk, organization_id bigint!)\nb(id bigint pk, a_id bigint! > a.id)\nc(b_id bigint! > b.id)",
      {},
      {
        a: "direct > organizations",
        b: "derived > a > organizations",
        c: "derived > b > a > organizations",
      },
      [],
    ],
    [
      "the shorter way",
      "a(id bigint pk, organization_id bigint!)\nb(id bigint pk, a_id bigint! > a.id)\nc(b_id bigint! > b.id, a_id bigint! > a.id)",
      {},
      {
        a: "direct > organizations",
        b: "derived > a > organizations",
        c: "derived > a > organizations",
      },
      [],
    ],
    [
      "the way that the rules say",
      "a(id bigint pk, organization_id bigint!)\nb(id bigint pk, a_id bigint! > a.id)\nc(b_id bigint! > b.id, a_id bigint! > a.id)",
      { tables: { c: { via: "b_id" } } },
      {
        a: "direct > organizations",
        b: "derived > a > organizations",
        c: "derived > b > a > organizations",
      },
      [],
    ],
    [
      "composite keys",
      "a(organization_id bigint!, id bigint; pk organization_id id)\nb(org bigint!, a_id bigint!; (org, a_id) > a(organization_id, id))",
      {},
      { a: "direct > organizations", b: "derived > a > organizations" },
      [],
    ],
    [
      "referring to itself only",
      "a(id bigint pk, up bigint! > a.id)",
      {},
      {},
      ["table: a: NO_PATH"],
    ],
    [
      "a cycle of NOT NULL with a way out",
      "a(id bigint pk, organization_id bigint!, b_id bigint! > b.id)\nb(id bigint pk, a_id bigint! > a.id)",
      {},
      { a: "direct > organizations", b: "derived > a > organizations" },
      [],
    ],
    [
      "a cycle of NOT NULL without",
      "a(id bigint pk, b_id bigint! > b.id)\nb(id bigint pk, a_id bigint! > a.id)",
      {},
      {},
      ["table: a: PARENT_UNDECIDED b", "table: b: PARENT_UNDECIDED a"],
    ],
    [
      "never down from a shared table",
      "users(id bigint pk)\nlogins(user_id bigint! > users.id)",
      { tables: { users: "shared" } },
      { users: "shared" },
      ["table: logins: NO_PATH"],
    ],
    [
      "never down from a skipped one",
      "imports(id bigint pk, organization_id bigint!)\nrows(import_id bigint! > imports.id)",
      { tables: { imports: "skip" } },
      { imports: "skip" },
      ["table: rows: NO_PATH"],
    ],
    [
      "a condition",
      "docs(id bigint pk, path bytea!)",
      {
        tables: { docs: { where: "t.id > 0 and {tenant} = 't.x'" } },
        columns: { "docs.path": mask.null() },
      },
      { docs: "direct > organizations" },
      ["rules: docs.path: MASK_NULL null"],
    ],
    [
      "by pattern, and one by name",
      "audit.a(id bigint pk)\naudit.c(id bigint pk)\nb(id bigint pk, organization_id bigint!)",
      { tables: { "audit.*": "skip", "audit.c": "reference" } },
      { a: "skip", c: "reference", b: "direct > organizations" },
      [],
    ],
    [
      "the same for everybody, by a pattern, and yet somebody's",
      "a_types(id bigint pk)\nb_types(id bigint pk, organization_id bigint)\nc_types(id bigint pk, organization_id bigint! > c.id)\nc(id bigint pk)",
      { tables: { "*_types": "reference", c: "reference" } },
      { a_types: "reference", b_types: "reference", c_types: "reference", c: "reference" },
      ["table: b_types: HAS_TENANT_COLUMN organization_id"],
    ],
    [
      "rules of nothing",
      "a(id bigint pk, organization_id bigint!)",
      { tables: { aa: "skip", "x.*": "skip", organizations: "shared" } },
      { a: "direct > organizations" },
      [
        "rules: tables: aa: NO_SUCH_TABLE",
        "rules: tables: x.*: NO_SUCH_TABLE",
        "rules: tables: organizations: TENANT_TABLE_NEEDS_NO_RULE",
      ],
    ],
    [
      "a pattern that means the tenant's table, too",
      "a(id bigint pk, organization_id bigint!)\nb(id bigint pk)\nschema_migrations(version text pk)",
      { tables: { "*": "skip", "o*": "reference", b: "shared" } },
      { a: "skip", b: "shared", schema_migrations: "keep" },
      [],
    ],
    [
      "what is left, by else: parents only, none where nothing refers to it",
      "a(id bigint pk, organization_id bigint!, b_id bigint > b.id)\nb(id bigint pk, c_id bigint! > c.id)\nc(id bigint pk)\nd(b_id bigint! > b.id)",
      { else: "shared" },
      { a: "direct > organizations", b: "shared", c: "shared", d: "skip" },
      [],
    ],
    [
      "what is left, by else: none at all",
      "a(id bigint pk, organization_id bigint!, b_id bigint > b.id)\nb(id bigint pk)\nd(id bigint pk)",
      { else: "skip", crossTenant: "null" },
      { a: "direct > organizations", b: "skip", d: "skip" },
      [],
    ],
    [
      "else answers no question that has an answer, nor what waits for one",
      "a(id bigint pk, organization_id bigint)\nb(a_id bigint! > a.id, id bigint pk)\nc(b_id bigint! > b.id)\nd(org bigint > organizations.id)\ne(id bigint pk)\nf(id bigint pk)\ng(id bigint pk)\nh(organization_id text)",
      {
        else: "shared",
        tables: {
          e: "tenant",
          f: { nullTenant: "skip" },
          "?*": "tenant",
          "g*": { nullTenant: "skip" },
        },
      },
      { g: "skip" },
      [
        "rules: tables: ?*: NO_SUCH_TABLE",
        "table: a: TENANT_MAY_BE_NULL organization_id",
        "table: b: PARENT_UNDECIDED a",
        "table: c: PARENT_UNDECIDED b",
        "table: d: ONLY_NULLABLE_PATH org",
        "table: e: NO_PATH",
        "table: f: NO_PATH",
        "table: h: INCOMPARABLE organization_id text organizations.id bigint",
      ],
    ],
    [
      "via nothing",
      "a(id bigint pk)",
      { tables: { a: { via: "b_id" } } },
      {},
      ["rules: tables: a: VIA_IS_NO_REFERENCE b_id a"],
    ],
    [
      "via what is not the tenant's",
      "u(id bigint pk)\na(id bigint pk, u_id bigint! > u.id)",
      { tables: { u: "shared", a: { via: "u_id" } } },
      { u: "shared" },
      ["rules: tables: a: VIA_LEADS_ELSEWHERE u_id u"],
    ],
    [
      "by a long way before a short one on which rows may be nobody's",
      "p(id bigint pk, organization_id bigint)\nq(id bigint pk, organization_id bigint!)\nr(id bigint pk, q_id bigint! > q.id)\ns(id bigint pk, r_id bigint! > r.id)\nt(id bigint pk, p_id bigint! > p.id, s_id bigint! > s.id)\nu(id bigint pk, p_id bigint! > p.id)",
      { tables: { p: { nullTenant: "skip" } } },
      {
        p: "direct > organizations",
        q: "direct > organizations",
        r: "derived > q > organizations",
        s: "derived > r > q > organizations",
        t: "derived > s > r > q > organizations",
        u: "derived > p > organizations",
      },
      [],
    ],
    [
      "into what is skipped",
      "i(id bigint pk)\na(id bigint pk, organization_id bigint!, i_id bigint > i.id)",
      { tables: { i: "skip" } },
      { a: "direct > organizations", i: "skip" },
      ["skipped: a.i_id: REFERS_TO_SKIPPED i"],
    ],
    [
      "the same, emptied",
      "i(id bigint pk)\na(id bigint pk, organization_id bigint!, i_id bigint > i.id)",
      { tables: { i: "skip" }, crossTenant: { "a.i_id": "null" } },
      { a: "direct > organizations", i: "skip" },
      [],
    ],
  ];
  test.each(cases)("%s", (_, lines, more, tables, problems) => {
    const result = shown(plan(base + lines, { ...bare, ...more }));
    expect(result).toEqual({ tables: { organizations: "root", ...tables }, problems });
  });

  test("conditions of rows that belong to nobody", () => {
    const of = (nullTenant: "skip" | "shared" | "all") => {
      const made = plan(`${base}teams(id bigint pk, organization_id bigint)`, {
        ...bare,
        tables: { teams: { nullTenant } },
      });
      const found = made.plan.tables.find(({ table }) => table.name === "teams");
      return [found?.filter, found?.followed];
    };
    const equal = `t."organization_id" = current_setting('ds.tenant')::bigint`;
    expect(of("skip")).toEqual([equal, undefined]);
    expect(of("shared")).toEqual([equal, `t."organization_id" is null`]);
    expect(of("all")).toEqual([`(${equal} or t."organization_id" is null)`, undefined]);
  });

  test("a condition of the rules for its own children, under another alias", () => {
    const made = plan(`${base}docs(id bigint pk)\npages(doc_id bigint! > docs.id)`, {
      ...bare,
      tables: { docs: { where: "t.path like {tenant} || '/t.%'" } },
    });
    expect(filterOf(made, "pages")).toBe(
      `exists (select from only "public"."docs" p1 where p1."id" = t."doc_id" and (p1.path like current_setting('ds.tenant') || '/t.%'))`,
    );
  });

  test.each([
    ["organisation_id", ["NO_TENANT_COLUMN organisation_id organization_id"]],
    [["organization_id", "owner_or"], ["NO_TENANT_COLUMN owner_or owner_org"]],
    // Like no other name: all tables here belong by their foreign keys.
    ["tenant", []],
  ])("a tenant column that no table has: %j", (column, reasons) => {
    const made = plan(
      `${base}a(id bigint pk, name text, owner_org bigint! > organizations.id)\nb(organization_id bigint! > organizations.id)`,
      {
        tables: {},
        columns: { "a.name": mask.name() },
        tenant: { table: "organizations", demo: "1", column },
      },
    );
    expect(made.problems.map(shownReason)).toEqual(reasons);
  });

  test.each([
    ["NO_TABLE orgs", { table: "orgs" }],
    ["NO_COLUMN organizations code", { table: "organizations", key: "code" }],
    ["NOT_UNIQUE organizations name", { table: "organizations", key: "name" }],
  ])("%s", (reason, tenant) => {
    const made = plan("organizations(id bigint pk, name text!)", {
      ...bare,
      tenant: { demo: "1", ...tenant },
    });
    expect(shown(made).problems).toContain(`rules: tenant: ${reason}`);
  });
});

describe("declared references", () => {
  const files = `${base}items(id bigint pk, organization_id bigint!)\nusers(id bigint pk)\nfiles(id bigint pk, owner_type text!, owner_id text!)`;
  const declared = (to: Record<string, string | null>, more: Partial<RefreshRules> = {}) =>
    plan(files, {
      ...bare,
      tables: { users: "shared" },
      references: { "files.owner_id": { type: "owner_type", to } },
      ...more,
    });

  test("all types the tenant's: that is what makes the table the tenant's", () => {
    const made = declared({ Item: "items.id" });
    expect(shown(made)).toMatchObject({
      problems: [],
      tables: { files: "derived > items > organizations" },
    });
    expect(filterOf(made, "files")).toBe(
      `t."owner_type" = 'Item' and exists (select from only "public"."items" p1 where p1."id" = case when t."owner_type" = 'Item' and t."owner_id" ~ '^-?[0-9]{1,18}$' then t."owner_id"::bigint end and p1."organization_id" = current_setting('ds.tenant')::bigint)`,
    );
    expect(made.plan.references).toContainEqual({
      name: "files.owner_id (Item)",
      child: { schema: "public", name: "files" },
      childColumns: ["owner_id"],
      parent: { schema: "public", name: "items" },
      parentColumns: ["id"],
      childKey: [
        `case when c."owner_type" = 'Item' and c."owner_id" ~ '^-?[0-9]{1,18}$' then c."owner_id"::bigint end`,
      ],
      parentKey: ['t."id"'],
      condition: `c."owner_type" = 'Item'`,
      declared: true,
      match: "simple",
      crossTenant: "fail",
      emptied: [],
    });
  });

  test("some not: the rules have to say it, and only the tenant's are taken", () => {
    const types = { Item: "items.id", User: "users.id", Old: null };
    expect(shown(declared(types)).problems).toEqual(["table: files: NO_PATH"]);
    const made = declared(types, { tables: { users: "shared", files: { via: "owner_id" } } });
    expect(made.problems).toEqual([]);
    expect(filterOf(made, "files")).toMatch(/^t\."owner_type" = 'Item' and exists/);
  });

  test("a type that is there and not in the rules is named", () => {
    const source = catalogueOf(files);
    const { problems } = buildPlan({
      source,
      target: source,
      rules: {
        ...rules,
        ...bare,
        tables: { users: "skip" },
        references: { "files.owner_id": { type: "owner_type", to: { Item: "items.id" } } },
      },
      typesPresent: { "files.owner_id": ["Item", "Wiki"] },
    });
    expect(problems.map(shownProblem)).toEqual([
      "reference: references: files.owner_id: UNKNOWN_TYPES Wiki",
    ]);
  });

  test.each<[string, RefreshRules["references"]]>([
    ["NO_TABLE file", { "file.owner_id": { to: "items.id" } }],
    ["NO_COLUMN files owner", { "files.owner": { to: "items.id" } }],
    ["NO_COLUMN files kind", { "files.owner_id": { type: "kind", to: {} } }],
    ["NOT_A_KEY items.organization_id", { "files.owner_id": { to: "items.organization_id" } }],
    ["COLUMN_COUNT items.id", { "files.owner_type,owner_id": { to: "items.id" } }],
  ])("%s", (reason, references) => {
    const made = plan(files, { ...bare, tables: { users: "shared", files: "skip" }, references });
    expect(made.problems.map(shownReason)).toEqual([reason]);
  });
});

describe("references to other organizations' rows", () => {
  const lines = `${base}a(id bigint pk, organization_id bigint!, up bigint > a.id, peer bigint! > organizations.id, x bigint; (up, x) > a(id, organization_id) full)`;
  const policies = (crossTenant: RefreshRules["crossTenant"]) => {
    const made = plan(lines, { ...bare, crossTenant });
    return [
      made.plan.references.map(
        ({ childColumns, crossTenant: policy }) => `${childColumns}: ${policy}`,
      ),
      made.problems.map(shownProblem),
    ];
  };
  test.each<[RefreshRules["crossTenant"], string[], string[]]>([
    ["fail", ["up: fail", "peer: fail", "up,x: fail"], []],
    ["null", ["up: null", "peer: fail", "up,x: null"], []],
    [{ "a.peer": "allow" }, ["up: fail", "peer: allow", "up,x: fail"], []],
    [{ "*": "null", "a.up,x": "fail" }, ["up: null", "peer: fail", "up,x: fail"], []],
    [
      { "a.peer": "null" },
      ["up: fail", "peer: null", "up,x: fail"],
      ["rules: crossTenant: a.peer: CANNOT_BE_EMPTIED"],
    ],
    [
      { "a.pear": "null" },
      ["up: fail", "peer: fail", "up,x: fail"],
      ["rules: crossTenant: a.pear: NO_SUCH_REFERENCE"],
    ],
  ])("%j", (policy, expected, problems) => {
    expect(policies(policy)).toEqual([expected, problems]);
  });
});

describe("columns of which somebody has to have said what they are", () => {
  const column = (
    definition: string,
    columns: RefreshRules["columns"] = {},
    kind: "tenant" | "reference" = "tenant",
  ) =>
    shown(
      plan(
        `${base}a(id bigint pk, ${kind === "tenant" ? "organization_id bigint!, " : ""}${definition})`,
        {
          ...bare,
          columns,
          tables: kind === "reference" ? { a: "reference" } : {},
        },
      ),
    ).problems;
  const unsaid = (name: string, type: string) => [`column: a.${name}: UNCLASSIFIED ${type}`];

  test.each([
    "n integer",
    "n numeric(10,2)!",
    "on boolean",
    "at timestamp with time zone",
    "day date",
    "ref uuid",
    "len interval",
    "span int4range",
    "email_count integer",
    "email_verified boolean",
    "phone_verified_at timestamp without time zone",
    "name_length integer",
    "whole text = generated",
    "birth_count integer",
  ])("%s is let through", (definition) => expect(column(definition)).toEqual([]));

  test.each([
    ["x", "text"],
    ["x", "character varying(5)"],
    ["x", "public.citext"],
    ["x", "jsonb"],
    ["x", "inet"],
    ["x", "bytea"],
    ["x", "text[]"],
    ["x", "public.address"],
    ["x", "point"],
    ["x", "public.vector(3)"],
    ["x", "tsvector"],
    ["x", "macaddr"],
    ["ssn", "bigint"],
    ["ssn", "integer"],
    ["ssn", "numeric"],
    ["taxId", "bigint"],
    ["date_of_birth", "date"],
    ["birthday", "timestamp with time zone"],
    ["phone", "bigint"],
    ["latitude", "double precision"],
    ["reset_token", "uuid"],
    ["salary", "numeric(10,2)"],
  ])("%s %s is not", (name, type) => expect(column(`${name} ${type}`)).toEqual(unsaid(name, type)));

  test.each<[string, RefreshRules["columns"], string[]]>([
    ["ssn bigint", { "a.ssn": mask.token() }, []],
    ["ssn bigint", { "a.ssn": mask.keep() }, []],
    ["x text", { "*.x": mask.text() }, []],
    ["x text", { "a.*": mask.text() }, []],
    ["x text", { "*.*": mask.text() }, []],
    ["x text", { "a.*": mask.keep() }, ["rules: columns: a.*: KEEPS_UNSEEN_COLUMNS"]],
    ["x text", { "a.x": mask.keep(), "*.x": mask.email() }, []],
    [
      "x text",
      { "a.y": mask.text(), "b.x": mask.text(), "a.x": mask.text() },
      ["rules: columns: a.y: NO_SUCH_COLUMN a", "rules: columns: b.x: NO_SUCH_TABLE"],
    ],
    [
      "x text",
      { "*.y*": mask.text(), "a.x": mask.text() },
      ["rules: columns: *.y*: NO_SUCH_COLUMN"],
    ],
    [
      "xy text",
      { "*.x*": mask.text(), "*.*y": mask.email() },
      ["rules: columns: *.x* and *.*y: RULES_CONTRADICT a.xy"],
    ],
    [
      "x text",
      { "a.organization_id": mask.token(), "a.x": mask.text() },
      ["rules: columns: a.organization_id: TENANT_COLUMN_MASKED a.organization_id"],
    ],
    [
      "n integer, x text",
      { "*.organization_id": mask.token(), "*.x": mask.text() },
      ["rules: columns: *.organization_id: TENANT_COLUMN_MASKED a.organization_id"],
    ],
    [
      "organization_code integer, x text",
      { "*.organization_*": mask.token(), "*.x": mask.text() },
      [],
    ],
    ["n integer", { "a.n": mask.email() }, ["rules: a.n: MASK_TYPE email integer"]],
    ["email_verified boolean, email text", { "*.email*": mask.email() }, []],
    [
      "x character varying(8) unique",
      { "a.x": mask.email() },
      ["rules: a.x: MASK_TOO_LONG_UNIQUE email 12 8"],
    ],
    ["x text unique", { "a.x": mask.name() }, ["rules: a.x: MASK_NOT_UNIQUE name mask.token()"]],
    [
      "x jsonb unique",
      { "a.x": mask.json({ email: mask.email() }) },
      ['rules: a.x: MASK_NOT_UNIQUE json mask.sql("...")'],
    ],
    ["x jsonb", { "a.x": mask.json({ email: mask.email() }) }, []],
    ["x text!", { "a.x": mask.null() }, ["rules: a.x: MASK_NULL null"]],
  ])("%s with %j", (definition, columns, problems) =>
    expect(column(definition, columns)).toEqual(problems),
  );

  describe("a rule for all columns", () => {
    const lines = `${base}users(id bigint pk)
      peeps(id bigint pk, organization_id bigint!, boss_id bigint > users.id, kind text!, thing_id bigint!, name text, ref uuid, level integer, prices numeric(8,2)[], paid money, on boolean, at date, whole text = generated)`;
    const made = (columns: RefreshRules["columns"], text = lines) =>
      plan(text, {
        ...bare,
        tables: { users: "shared" },
        columns,
        references: { "peeps.thing_id": { type: "kind", to: { user: "users.id" } } },
      });
    const columnsOf = (result: ReturnType<typeof plan>) =>
      Object.fromEntries(
        result.plan.tables
          .find(({ table }) => table.name === "peeps")
          ?.columns.map(({ name, mask, unmasked }) => [name, mask ?? `(${unmasked})`]) ?? [],
      );
    const keys = {
      id: "(key)",
      organization_id: "(key)",
      boss_id: "(key)",
      kind: "(key)",
      thing_id: "(key)",
    };
    const others = ["name", "ref", "level", "prices", "paid", "on", "at"];

    test.each(["peeps.*", "pe*.*"])("%s is every column that can be masked", (rule) => {
      const result = made({ [rule]: mask.null() });
      expect(shown(result).problems).toEqual([]);
      expect(columnsOf(result)).toEqual({
        ...keys,
        ...Object.fromEntries(others.map((name) => [name, "null"])),
      });
    });

    test("of one table, unless a column has a rule that is more exact", () => {
      const result = made({
        "peeps.*": mask.null(),
        "*.name": mask.name(),
        "*.lev*": mask.email(),
        "peeps.at": mask.keep(),
      });
      expect(shown(result).problems).toEqual([]);
      expect(columnsOf(result)).toMatchObject({ name: "name", level: "null", at: "(keep)" });
    });

    test("of one table, and it does not fit one of them", () => {
      const result = made(
        { "peeps.*": mask.null() },
        lines.replace("level integer", "level integer!"),
      );
      expect(result.problems).toEqual([
        {
          kind: "rules",
          subject: "peeps.level",
          reason: { code: "MASK_NULL", mask: "null", rule: "peeps.*" },
          suggestion: '"peeps.level": mask.token(),',
        },
      ]);
      const text = made({ "peeps.*": mask.text() });
      expect(text.problems.map(({ subject }) => subject)).toEqual(
        others.slice(1).map((name) => `peeps.${name}`),
      );
    });

    test("of all tables: those that need one, and the plan says which pass", () => {
      const result = made({ "*.*": mask.null() });
      expect(shown(result).problems).toEqual([]);
      expect(columnsOf(result)).toEqual({
        ...keys,
        ...Object.fromEntries(others.map((name) => [name, "(passes)"])),
        name: "null",
      });
      expect(planText(result.plan, noStyle)).toContain(
        `; *.* is not meant for these:\n  peeps: ${others.slice(1).join(", ")}`,
      );
      expect(planDocument(result.plan).tables).toContainEqual(
        expect.objectContaining({
          table: "peeps",
          columns: expect.objectContaining({ name: "null", at: null }),
          unmasked: expect.objectContaining({ id: "key", at: "passes" }),
        }),
      );
      const named = made({ "*.name": mask.keep() });
      expect(planText(named.plan, noStyle)).not.toContain("passes");
      expect(columnsOf(made({}))).toMatchObject({ name: "(unclassified)" });
    });
  });

  test("generated in production and an ordinary column on main: its values are copied, so it needs a word", () => {
    const lines = `${base}a(id bigint pk, organization_id bigint!, whole text = generated)`;
    const target = catalogueOf(lines.replace(" = generated", ""));
    const of = (columns: RefreshRules["columns"]) =>
      plan(lines, { ...bare, columns }, { target })
        .plan.tables.find(({ table }) => table.name === "a")
        ?.columns.find(({ name }) => name === "whole");
    expect(shown(plan(lines, { ...bare, columns: {} }, { target })).problems).toEqual(
      unsaid("whole", "text"),
    );
    expect(of({ "a.whole": mask.text() })).toMatchObject({ mask: "text" });
  });

  test("a column that has to be unique on main alone", () => {
    const lines = `${base}a(id bigint pk, organization_id bigint!, x text)`;
    const target = catalogueOf(lines.replace("x text", "x text unique"));
    const made = plan(lines, { ...bare, columns: { "a.x": mask.name() } }, { target });
    expect(shown(made).problems).toEqual(["rules: a.x: MASK_NOT_UNIQUE name mask.token()"]);
  });

  test("a table that is the same for everybody may have names, but no addresses of people", () => {
    expect(column("name text", {}, "reference")).toEqual([]);
    expect(column("email text", {}, "reference")).toEqual(unsaid("email", "text"));
  });

  test("a reference is let through, a number without one is not", () => {
    const lines = `${base}patients(id bigint pk, organization_id bigint!)\na(id bigint pk, organization_id bigint!, patient_id bigint > patients.id)`;
    const problems = (text: string) => shown(plan(text, bare)).problems;
    expect(problems(lines)).toEqual([]);
    expect(problems(lines.replace(" > patients.id", ""))).toEqual(unsaid("patient_id", "bigint"));
    expect(problems(`${base}a(handle text pk, organization_id bigint!)`)).toEqual(
      unsaid("handle", "text"),
    );
  });

  test("keys are let through, unless their names say that they are personal; both sides are masked alike", () => {
    const lines = `${base}u(email text pk, code text!)\nc(code text pk)\na(id bigint pk, organization_id bigint!, by text > u.email, c text! > c.code)`;
    const of = (columns: RefreshRules["columns"]) =>
      shown(
        plan(lines, {
          ...bare,
          tables: { u: "shared", c: "shared" },
          columns: { "u.code": mask.text(), ...columns },
        }),
      ).problems;
    expect(of({})).toEqual(["column: u.email: UNCLASSIFIED text"]);
    expect(of({ "u.email": mask.email() })).toEqual([
      "rules: columns: a.by: MASKED_DIFFERENTLY u.email",
    ]);
    expect(of({ "u.email": mask.email(), "a.by": mask.email() })).toEqual([]);
    const suggestions = (columns: RefreshRules["columns"]) =>
      plan(lines, {
        ...bare,
        tables: { u: "shared", c: "shared" },
        columns: { "u.code": mask.text(), ...columns },
      }).problems.map(({ suggestion }) => suggestion);
    expect(suggestions({ "u.email": mask.email() })).toEqual(['"a.by": mask.email(),']);
    expect(suggestions({ "u.email": mask.token() })).toEqual([
      '"a.by": mask.email(), "u.email": mask.email(),',
    ]);
    expect(
      suggestions({ "u.email": mask.email(), "a.c": mask.text(), "a.by": mask.email() }),
    ).toEqual(['"a.c": mask.keep(),']);
    const made = plan(lines, {
      ...bare,
      tables: { u: "shared", c: "shared" },
      columns: { "u.code": mask.text(), "u.email": mask.email(), "a.by": mask.email() },
    });
    const reference = made.plan.references.find(({ childColumns }) => childColumns[0] === "by");
    expect(reference?.parentKey[0]).toMatch(/sha256/);
  });

  test("a pattern that means one side of a reference: it has what the other side has", () => {
    const lines = `${base}u(email text pk)\nc(code text pk)\nm(code text pk)\na(id bigint pk, organization_id bigint!, by text! > u.email, also text > a2.by, kind text > c.code, mode text > m.code)\na2(by text pk > u.email, organization_id bigint!)`;
    const of = (columns: RefreshRules["columns"]) => {
      const made = plan(lines, {
        ...bare,
        tables: { u: "shared", c: "shared", m: "keep" },
        columns,
      });
      const masks = Object.fromEntries(
        made.plan.tables.flatMap(({ table, columns }) =>
          columns.map(({ name, mask }) => [`${table.name}.${name}`, mask]),
        ),
      );
      return [made.problems.map(shownProblem), masks] as const;
    };
    const [none, masks] = of({
      "*.email": mask.email(),
      "*.kind": mask.token(),
      "*.mo*": mask.token(),
    });
    expect(none).toEqual([]);
    expect(masks).toMatchObject({
      "u.email": "email",
      "a.by": "email",
      "a2.by": "email",
      "a.also": "email",
    });
    expect([masks["a.kind"], masks["c.code"], masks["a.mode"]]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(of({ "*.email": mask.email(), "a.kind": mask.token() })[0]).toEqual([
      "rules: columns: a.kind: MASKED_DIFFERENTLY c.code",
    ]);
    expect(of({ "u.email": mask.keep(), "*.by": mask.email() })[1]).toMatchObject({
      "a.by": undefined,
    });
  });
});

test("what is suggested for names with dots and quotes can be written as a rule", () => {
  const source = catalogueOf(
    `${base}odd(id bigint pk, organization_id bigint!)\nkids(odd_id bigint!, mail text)`,
  );
  const [, odd, kids] = source.tables;
  const name = `odd.t able"q`;
  if (odd) odd.name = name;
  const [key, mail] = kids?.columns ?? [];
  if (key) key.name = "odd.id";
  if (mail) mail.name = "e.mail addr";
  const of = (more: Partial<RefreshRules>) =>
    buildPlan({ source, target: source, rules: { ...rules, ...bare, ...more } }).problems;
  expect(of({ tables: { kids: "skip", '"odd.t able""q"': "tenant" } })).toEqual([]);
  const references = { 'kids."odd.id"': { to: `"odd.t able""q".id` } };
  expect(of({ references })).toMatchObject([
    { subject: `kids."e.mail addr"`, suggestion: `'kids."e.mail addr"': mask.email(),` },
  ]);
  const columns = { 'kids."e.mail addr"': mask.email() };
  expect(of({ references, columns })).toEqual([]);
  expect(of({ references, columns, crossTenant: { 'kids."odd.id"': "allow" } })).toEqual([]);
});

test("what the role may not see is no plan", () => {
  const source = catalogueOf(
    `${base}a(id bigint pk, organization_id bigint!)\nb(id bigint pk, organization_id bigint!)`,
  );
  for (const table of source.tables) {
    if (table.name === "a") table.readable = false;
    if (table.name === "b") table.rowSecurity = { enabled: true, forced: false, active: true };
  }
  const { problems } = buildPlan({ source, target: source, rules: { ...rules, ...bare } });
  expect(problems.map(shownProblem)).toEqual([
    "access: a: NOT_READABLE",
    "access: b: ROW_SECURITY",
  ]);
});

test("what is worth a second look", () => {
  const lines = `
  organizations(id bigint pk)
  files(id bigint pk)
  codes(id bigint pk)
  others(id bigint pk, code bigint! > codes.id)
  notes(id bigint pk, organization_id bigint!, file bigint > files.id, code bigint > codes.id)
  logs(id bigint pk, organization_id bigint)
  seen(id bigint pk, organization_id bigint)`;
  const tables = {
    files: "reference",
    codes: "reference",
    others: "skip",
    logs: "skip",
    seen: "shared",
  } as const;
  const { remarks } = plan(lines, { ...bare, tables, columns: {} });
  expect(remarks).toEqual([
    { table: "files", code: "REFERENCE_OF_TENANTS", referring: 1, tenants: 1 },
    { table: "logs", code: "TENANT_COLUMN_UNUSED", class: "skip", column: "organization_id" },
    { table: "seen", code: "TENANT_COLUMN_UNUSED", class: "shared", column: "organization_id" },
  ]);
});

test.each<[string, NonNullable<PlanInput["observed"]>, string[]]>([
  ["label text", {}, []],
  ["label text", { "a.label": { ...sampled, shapes: { email: 0.1 } } }, ["a.label"]],
  ["label text", { "a.label": { ...sampled, longest: 900 } }, ["a.label"]],
  ["data jsonb", {}, ["a.data"]],
  ["content bytea", {}, ["a.content"]],
  ["description text", {}, ["a.description"]],
  ["amount integer", {}, []],
])("in a table for everybody: %s %j", (column, observed, expected) => {
  const lines = `organizations(id bigint pk)\na(id bigint pk, ${column})`;
  const { problems } = plan(lines, { tables: { a: "reference" }, columns: {} }, { observed });
  expect(problems.filter(({ kind }) => kind === "column").map(({ subject }) => subject)).toEqual(
    expected,
  );
});

test("a column that is named after a key, and masked otherwise", () => {
  const lines = `${sample}  customers(id bigint pk, organization_id text!, external_id text unique)
  events(id bigint pk, organization_id text!, external_customer_id text, item_id text, comment_id bigint)`;
  const columns = {
    ...rules.columns,
    "customers.external_id": mask.token(),
    "events.external_customer_id": mask.text(),
    "events.item_id": mask.token(),
  };
  const remarks = (more: Partial<RefreshRules> = {}) =>
    plan(lines, { columns, ...more }).remarks.filter(({ code }) => code === "LOOKS_LIKE_REFERENCE");
  const found = { table: "events", code: "LOOKS_LIKE_REFERENCE" };
  expect(remarks()).toEqual([
    {
      ...found,
      ...{ column: "external_customer_id", to: "customers.external_id" },
      ...{ mask: "text", theirs: "token" },
    },
    { ...found, column: "item_id", to: "items.id", mask: "token", theirs: null },
  ]);
  const alike = {
    ...columns,
    "events.external_customer_id": mask.token(),
    "events.item_id": mask.keep(),
  };
  expect(remarks({ columns: alike })).toEqual([]);
});

test("what refers to a unique text without being masked needs a word, on both sides", () => {
  const lines = `${sample}  customers(id bigint pk, organization_id text!, external_id text unique)
  events(id bigint pk, organization_id text!, customer text)`;
  const references = { "events.customer": { to: "customers.external_id" } };
  expect(plan(lines, { references }).problems.map(shownProblem)).toEqual([
    "column: customers.external_id: UNCLASSIFIED text",
    "column: events.customer: UNCLASSIFIED text",
  ]);
});

test("a kind and an id that nobody declares: told, whether the id stays or is masked", () => {
  const lines = `${sample}  events(id bigint pk, organization_id text!, entity text, entity_id bigint, table_name text, record_id uuid)
  votes(id bigint pk, organization_id text!, votable_kind text, votable_id text, item text, item_id bigint > items.id)`;
  const columns = { ...rules.columns, "*.*": mask.token(), "votes.votable_id": mask.keep() };
  const remarks = (more: Partial<RefreshRules> = {}) =>
    plan(lines, { columns, ...more }).remarks.filter(({ code }) => code === "PAIR_UNDECLARED");
  const found = { table: "events", code: "PAIR_UNDECLARED", mask: null };
  const others = [
    { ...found, column: "table_name", id: "record_id" },
    { ...found, table: "votes", column: "votable_kind", id: "votable_id" },
  ];
  expect(remarks()).toEqual([{ ...found, column: "entity", id: "entity_id" }, ...others]);
  const pair = { type: "entity", to: { Item: "items.id", Gone: null } };
  expect(remarks({ references: { "events.entity_id": pair } })).toEqual(others);
  const masked = { ...columns, "votes.votable_id": mask.token() };
  expect(remarks({ columns: masked }).at(-1)).toMatchObject({ id: "votable_id", mask: "token" });
});
