import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import type { Observed } from "../model/observed.ts";
import { foreignKeysOf } from "../rules/links-of.ts";
import { draftTables, proposeColumns, type SaidTenant } from "./propose.ts";
import type { KnownRows } from "./propose-tables.ts";
import { proposalText, withSection } from "./propose-text.ts";
import { ownersBySize } from "./tenant-candidates.ts";

function propose(
  catalogue: ReturnType<typeof catalogueOf>,
  observed: Observed = {},
  known?: KnownRows,
  said?: SaidTenant,
) {
  const draft = draftTables(catalogue, known, said);
  return draft && proposeColumns(draft, observed);
}

const sample = { filled: 100, distinct: 100, longest: 40, common: false };

const shop = `
  tenants(id uuid pk, name text!)
  people(id bigint pk, mail text! unique, ref_code text, last_tenant uuid > tenants.id, tag character varying(8) unique)
  states(id bigint pk, tenant_id uuid)
  countries(code text pk, title text)
  seats(tenant_id uuid! > tenants.id, person_id bigint! > people.id, country text > countries.code; pk tenant_id person_id)
  orders(id bigint pk, tenant_id uuid, note text, subject_type text, subject_id bigint)
  lines(order_id bigint! > orders.id, state_id bigint > states.id, ssn bigint, data jsonb, kind text)
  drafts(id bigint pk, order_id bigint > orders.id)
  jobs(id bigint pk, payload text)
`;

test("a first set of rules, out of names, types and foreign keys", () => {
  expect(
    propose(catalogueOf(shop), { "people.ref_code": { ...sample, shapes: { uuid: 1 } } }),
  ).toEqual({
    tenant: { table: "tenants", key: "id", column: "tenant_id" },
    tables: {
      people: "shared",
      states: { nullTenant: "shared" },
      countries: "shared",
      orders: { nullTenant: "shared" },
      drafts: { via: "order_id", nullTenant: "skip" },
      jobs: "skip",
    },
    columns: {
      "tenants.name": 'mask.name({ part: "company" })',
      "orders.note": "mask.text()",
      "orders.subject_type": "mask.keep()",
      "lines.ssn": "mask.token()",
      "lines.data": "mask.json()",
      "countries.title": "mask.text()",
      "lines.kind": "mask.text()",
      "people.mail": "mask.email()",
      "people.ref_code": "mask.uuid()",
      "people.tag": "mask.code()",
    },
    unfit: {},
    soft: { references: {}, crossTenant: {} },
    columnRules: expect.any(Map),
    pairs: { "orders.subject_id": "subject_type" },
  });
});

test.each([
  [
    "companies",
    "companies(id bigint pk)\na(company_id bigint!)",
    { table: "companies", key: "id", column: "company_id" },
  ],
  [
    "of two the one that more refer to",
    "accounts(id bigint pk)\nteams(id bigint pk)\nt(team_id bigint! > teams.id)\na(account_id bigint! > accounts.id)\nb(account_id bigint! > accounts.id)",
    { table: "accounts", key: "id", column: "account_id" },
  ],
  [
    "none that belongs to another one, though more refer to it",
    "organizations(id bigint pk)\nworkspaces(id bigint pk, organization_id bigint! > organizations.id)\na(workspace_id bigint! > workspaces.id)\nb(workspace_id bigint! > workspaces.id)",
    { table: "organizations", key: "id", column: "organization_id" },
  ],
  [
    "nor through a third one, or by a column that may be empty",
    "teams(id bigint pk)\nregions(id bigint pk, team_id bigint! > teams.id)\nsites(id bigint pk, region_id bigint! > regions.id)\nstores(id bigint pk, team_id bigint > teams.id)\na(site_id bigint! > sites.id)\nb(store_id bigint! > stores.id)",
    { table: "teams", key: "id", column: "team_id" },
  ],
  [
    "another schema",
    "app.orgs(id bigint pk)\napp.a(org bigint! > app.orgs.id)",
    { table: "app.orgs", key: "id", column: "org" },
  ],
  [
    "each way of writing its column",
    "tenants(id bigint pk)\na(tenant_id bigint!)\nb(tenant_id bigint!)\nc(tenantId bigint!)\nd(tenant_id2 bigint)",
    { table: "tenants", key: "id", column: ["tenant_id", "tenantId"] },
  ],
  ["none", "a(id bigint pk)", undefined],
  ["one that nothing refers to", "tenants(id bigint pk)\na(id bigint pk)", undefined],
])("the organizations' table: %s", (_, lines, tenant) => {
  expect(propose(catalogueOf(lines))?.tenant).toEqual(tenant);
});

test("a text that others refer to beside the primary key is masked on both sides", () => {
  const lines = `tenants(id bigint pk)
    projects(id bigint pk, tenant_id bigint! > tenants.id, slug text! unique, no bigint unique)
    widgets(id bigint pk, project text! > projects.slug, project_no bigint > projects.no)
    plans(code text pk)
    seats(tenant_id bigint! > tenants.id, plan text > plans.code)`;
  expect(propose(catalogueOf(lines))?.columns).toEqual({
    "projects.slug": "mask.text({ unique: true })",
    "widgets.project": "mask.text({ unique: true })",
  });
});

test.each<[string, string, Record<string, unknown>]>([
  [
    "each way of a table that has several",
    "keys(id bigint pk, organization_id bigint, project_id bigint > projects.id, team_id bigint > teams.id)",
    {
      teams: { nullTenant: "shared" },
      keys: { nullTenant: "skip", via: ["organization_id", "project_id", "team_id"] },
    },
  ],
  [
    "also one that is never empty",
    "keys(id bigint pk, organization_id bigint, project_id bigint! > projects.id)",
    { keys: { nullTenant: "skip", via: ["organization_id", "project_id"] } },
  ],
  [
    "without a tenant column",
    "keys(id bigint pk, project_id bigint > projects.id, team_id bigint > teams.id)",
    {
      teams: { nullTenant: "shared" },
      keys: { nullTenant: "skip", via: ["project_id", "team_id"] },
    },
  ],
  [
    "none that only says where somebody was, who else is named, or that leads back",
    "members(id bigint pk, organization_id bigint > organizations.id, last_project_id bigint > projects.id, invited_by_organization bigint > organizations.id, reply_id bigint > replies.id, boss_id bigint > members.id)\nreplies(id bigint pk, organization_id bigint, member_id bigint > members.id)",
    {
      members: { nullTenant: "shared", via: ["organization_id", "reply_id"] },
      replies: { nullTenant: "shared" },
    },
  ],
  [
    "nothing of what is a part of something",
    "cards(id bigint pk, team_id bigint! > teams.id, project_id bigint > projects.id)",
    { teams: { nullTenant: "shared" } },
  ],
])("several owners: %s", (_, lines, tables) => {
  const organizations = `organizations(id bigint pk)\nprojects(id bigint pk, organization_id bigint!)\nx(organization_id bigint!)`;
  const teams = lines.includes("teams.id") ? "\nteams(id bigint pk, organization_id bigint)" : "";
  expect(propose(catalogueOf(`${organizations}${teams}\n${lines}`))?.tables).toEqual(tables);
});

const proposal = propose(catalogueOf(shop));
const section = proposal ? proposalText(proposal, "prod") : "";

test("as a section of ds.config.ts", () => {
  expect(section).toContain(`  from: "prod",\n`);
  expect(section).toContain(`tenant: { table: "tenants", column: "tenant_id", demo: "demo" },`);
  expect(section).toContain(`    drafts: { via: "order_id", nullTenant: "skip" },`);
  expect(section).toContain(`    "orders.subject_type": mask.keep(),`);
  expect(section).toContain(`  //   "orders.subject_id": { type: "subject_type"`);
  expect(proposal && proposalText(proposal)).toContain(`variable: "PRODUCTION_DATABASE_URL"`);
});

describe("put into the configuration", () => {
  const added = "refresh: {\n  from: 1,\n},";
  test.each([
    [
      `import { defineConfig } from "@devstride/ds";\n\nexport default defineConfig({\n  project: "p",\n});\n`,
      `import { defineConfig, mask } from "@devstride/ds";\n\nexport default defineConfig({\n  project: "p",\n  refresh: {\n    from: 1,\n  },\n});\n`,
    ],
    [
      `import { defineConfig, mask } from "@devstride/ds";\nexport default defineConfig({\n  project: "p"\n});`,
      `import { defineConfig, mask } from "@devstride/ds";\nexport default defineConfig({\n  project: "p",\n  refresh: {\n    from: 1,\n  },\n});\n`,
    ],
    [
      `import { defineConfig } from "@devstride/ds";\nexport default defineConfig({\n  project: "p",\n  // seed: {},\n});\n`,
      `import { defineConfig, mask } from "@devstride/ds";\nexport default defineConfig({\n  project: "p",\n  // seed: {},\n  refresh: {\n    from: 1,\n  },\n});\n`,
    ],
    [`export default { project: "p" };\n`, undefined],
    [
      `import { defineConfig } from "@devstride/ds";\nconst c = { project: "p" };\nexport default defineConfig(c);\n`,
      undefined,
    ],
  ])("%j", (config, expected) => {
    expect(withSection(config, added)).toBe(expected);
  });
});

test("the table that somebody names, with what is said of it", () => {
  const lines =
    "editor(id bigint pk)\nedit(id bigint pk, editor bigint! > editor.id)\nnote(edit bigint! > edit.id, words text)";
  expect(propose(catalogueOf(lines))).toBeUndefined();
  expect(ownersBySize(foreignKeysOf(catalogueOf(lines)))).toEqual([
    { table: "editor", column: "editor", tables: 2 },
    { table: "edit", column: "edit", tables: 1 },
  ]);
  const said = { table: "editor", column: ["editor"], demo: "7" };
  const tenant = { table: "editor", key: "id", column: ["editor"], demo: "7" };
  const proposed = propose(catalogueOf(lines), {}, undefined, said);
  expect(proposed?.tenant).toEqual(tenant);
  expect(proposed && proposalText(proposed)).toContain(
    `tenant: { table: "editor", column: ["editor"], demo: "7" },`,
  );
  expect(propose(catalogueOf(lines), {}, undefined, { table: "nobody" })).toBeUndefined();
});

describe("tables that nothing makes the organization's", () => {
  const lines = `
    organizations(id bigint pk)
    roles(id bigint pk, title text)
    grants(role_id bigint! > roles.id, word text)
    blobs(id text pk, content bytea, metadata jsonb, filename text)
    jobs(id bigint pk, payload jsonb)
    documents(id bigint pk, organization_id bigint!, blob_id text > blobs.id, role_id bigint > roles.id)`;
  const tablesOf = (migrated: [string, number][], source: [string, number][] = []) =>
    propose(
      catalogueOf(lines),
      {},
      {
        migrated: new Map(migrated),
        source: new Map(source),
        soft: { references: {}, crossTenant: {} },
      },
    )?.tables;
  test("are never taken whole", () => {
    expect(tablesOf([])).toEqual({
      roles: "shared",
      blobs: "shared",
      jobs: "skip",
      grants: "skip",
    });
  });
  test("are kept where migrations fill them, and production has no more", () => {
    const filled: [string, number][] = [
      ["roles", 3],
      ["grants", 4],
    ];
    const kept = { roles: "keep", grants: "keep", blobs: "shared", jobs: "skip" };
    expect(tablesOf(filled)).toEqual(kept);
    expect(
      tablesOf(filled, [
        ["roles", 3],
        ["grants", 2],
      ]),
    ).toEqual(kept);
    expect(tablesOf(filled, [["roles", 9]])).toMatchObject({ roles: "shared" });
    expect(tablesOf([["grants", 4]])).toMatchObject({ roles: "shared", grants: "skip" });
  });
});

describe("columns by what their values look like", () => {
  const lines = `
    organizations(id bigint pk)
    contacts(id text pk, organization_id bigint!, state text, zip text, stage text, badge bytea! unique, data jsonb, mail_to text, kind text)
    calls(id bigint pk, organization_id bigint!, contact text > contacts.id, up bigint > calls.id)`;
  const of = (observed: Observed) => propose(catalogueOf(lines), observed)?.columns;
  const few = { ...sample, distinct: 3, shapes: {}, common: true };
  test("few, of several tenants", () => {
    expect(of({ "contacts.stage": few, "contacts.zip": few, "contacts.state": few })).toMatchObject(
      {
        "contacts.stage": "mask.keep()",
        "contacts.zip": "mask.token()",
        "contacts.state": "mask.text()",
        "contacts.kind": "mask.text()",
        "contacts.badge": "mask.token()",
      },
    );
    expect(of({ "contacts.stage": { ...few, shapes: { name: 0.1 } } })).toMatchObject({
      "contacts.stage": "mask.text()",
    });
  });
  test("a key that holds addresses has the same mask on both sides", () => {
    expect(of({ "contacts.id": { ...sample, shapes: { email: 1 } } })).toMatchObject({
      "contacts.id": "mask.email()",
      "calls.contact": "mask.email()",
    });
    expect(of({ "contacts.id": { ...sample, shapes: { secret: 1 } } })).not.toHaveProperty(
      "contacts.id",
    );
  });
  test("numbers and keys of JSON", () => {
    const json = (numbers: string[], free: boolean) => ({
      "contacts.data": { ...sample, shapes: {}, json: { numbers, free } },
    });
    expect(of(json(["a.phone", "l[].ssn"], false))).toMatchObject({
      "contacts.data": 'mask.json({ "a.phone": mask.token(), "l[].ssn": mask.token() })',
    });
    expect(of(json([], true))).toMatchObject({
      "contacts.data": 'mask.json({}, { others: "drop" })',
    });
  });
});

test("references: what refers to a personal key is masked as that key, whatever its own name", () => {
  const lines = `
    organizations(id text pk)
    people(login text pk, organization_id text!, mentor_login text > people.login)
    posts(id text pk, organization_id text!, author text > people.login, email text > mails.id)
    mails(id text pk, organization_id text!)`;
  expect(propose(catalogueOf(lines))?.columns).toEqual({
    "people.login": "mask.text({ unique: true })",
    "people.mentor_login": "mask.text({ unique: true })",
    "posts.author": "mask.text({ unique: true })",
    "posts.email": "mask.keep()",
  });
});
