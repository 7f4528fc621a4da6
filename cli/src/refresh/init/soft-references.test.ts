import { describe, expect, test } from "vitest";
import { catalogueOf } from "../../../test/helpers/refresh/catalogue.ts";
import { foreignKeysOf } from "../rules/links-of.ts";
import { KeyNames } from "../samples/key-names.ts";
import type { Overlap } from "../samples/overlap-sql.ts";
import { softCandidates } from "./soft-candidates.ts";
import { softReferences } from "./soft-references.ts";
import { rulesFor } from "./tenant-candidates.ts";

const catalogue = catalogueOf(`
  organizations(id bigint pk)
  users(id uuid pk, email text unique)
  app_projects(id bigint pk, organization_id bigint! > organizations.id)
  customers(id bigint pk, external_id text unique, customer_no text unique, name text unique)
  companies(id bigint pk)
  Boxes(boxId bigint pk)
  events(id bigint pk, x text)
`);
const events = catalogue.tables.find(({ name }) => name === "events");

test.each([
  ["customer_id", ["customers.id exact"]],
  ["customerId", ["customers.id exact"]],
  ["company_id", ["companies.id exact"]],
  ["box_id", ["Boxes.boxId exact"]],
  ["external_customer_id", ["customers.external_id exact"]],
  ["customer_no", ["customers.id exact", "customers.customer_no exact"]],
  ["customer", ["customers.id exact"]],
  ["former_customer_id", ["customers.id part"]],
  ["project_id", ["app_projects.id part"]],
  ["org_id", ["organizations.id hint"]],
  ["created_by", ["users.id hint", "customers.id hint"]],
  ["parent_id", ["events.id hint"]],
  ["name", []],
  ["id", []],
  ["email", []],
  ["amount", []],
  ["customer_count", []],
])("what %s is named after", (column, keys) => {
  if (!events) throw new Error("no events");
  const found = new KeyNames(catalogue).of(events, column);
  expect(found.map(({ table, column: key, fit }) => `${table.name}.${key} ${fit}`)).toEqual(keys);
});

/** What comes of a column, where its values are found so often among the keys that it may mean. */
function found(type: string, column: string, overlap: Partial<Overlap>) {
  const lines = `organizations(id bigint pk)
    projects(id ${type} pk, organization_id bigint! > organizations.id)
    logs(id bigint pk, ${column} ${type}, organization_id bigint! > organizations.id)`;
  const schema = foreignKeysOf(catalogueOf(lines));
  const [root] = schema.catalogue.tables;
  if (!root) throw new Error("no table");
  const { candidates } = softCandidates(schema, rulesFor(root, "organization_id"));
  const all = { values: 100, found: 100, same: 0, other: 0, small: type === "bigint" };
  const overlaps = new Map(
    candidates
      .filter(({ link }) => link.parent.name === "projects")
      .map(({ link }) => [link, { ...all, ...overlap }]),
  );
  return softReferences(candidates, overlaps);
}

describe("names and values together", () => {
  const to = { to: "projects.id" };
  test.each<[string, string, Partial<Overlap>, boolean]>([
    ["uuid", "project_id", {}, true],
    ["uuid", "project_id", { found: 12 }, true],
    ["uuid", "project_id", { found: 0 }, false],
    ["uuid", "target_id", {}, true],
    ["uuid", "target_id", { found: 60 }, false],
    ["uuid", "target_id", { values: 3, found: 3 }, false],
    ["text", "project_ref", { found: 50 }, true],
    ["text", "target_ref", { small: true }, false],
    ["text", "note", {}, false],
    ["bigint", "project_id", {}, true],
    ["bigint", "project_id", { found: 30 }, false],
    ["bigint", "project_id", { same: 50, other: 50 }, false],
    ["bigint", "project_id", { same: 95, other: 5 }, true],
    ["bigint", "pro_id", {}, false],
    ["bigint", "pro_id", { same: 95, other: 5 }, true],
    ["bigint", "source_project_id", {}, true],
    ["bigint", "source_project_id", { found: 60 }, false],
    ["bigint", "target_id", { same: 100 }, false],
  ])("%s %s %j", (type, column, overlap, is) => {
    const { references } = found(type, column, overlap);
    expect(references).toEqual(is ? { [`logs.${column}`]: to } : {});
  });

  test("rows that lead to another organization are emptied, unless that is not allowed", () => {
    const torn = { same: 95, other: 5 };
    expect(found("uuid", "project_id", torn).crossTenant).toEqual({ "logs.project_id": "null" });
    expect(found("uuid", "project_id", {}).crossTenant).toEqual({});
  });
});
