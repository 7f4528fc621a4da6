import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { propose } from "./propose.ts";
import { proposalText, withSection } from "./propose-text.ts";

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
  expect(propose(catalogueOf(shop), { "people.ref_code": "uuid" })).toEqual({
    tenant: { table: "tenants", key: "id", column: "tenant_id" },
    tables: {
      people: "shared",
      states: { nullTenant: "shared" },
      countries: "reference",
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
      "lines.kind": "mask.text()",
      "people.mail": "mask.email()",
      "people.ref_code": "mask.uuid()",
      "people.tag": "mask.null()",
    },
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
    "accounts(id bigint pk, team_id bigint! > teams.id)\nteams(id bigint pk)\na(account_id bigint! > accounts.id)\nb(account_id bigint! > accounts.id)",
    { table: "accounts", key: "id", column: "account_id" },
  ],
  [
    "another schema",
    "app.orgs(id bigint pk)\napp.a(org bigint! > app.orgs.id)",
    { table: "app.orgs", key: "id", column: "org" },
  ],
  ["none", "a(id bigint pk)", undefined],
  ["one that nothing refers to", "tenants(id bigint pk)\na(id bigint pk)", undefined],
])("the organizations' table: %s", (_, lines, tenant) => {
  expect(propose(catalogueOf(lines))?.tenant).toEqual(tenant);
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
