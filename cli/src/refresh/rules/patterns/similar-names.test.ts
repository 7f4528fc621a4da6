import { expect, test } from "vitest";
import { nearNames } from "./similar-names.ts";

test.each<[string, string[], string[]]>([
  ["organisation_id", ["organization_id", "org", "id"], ["organization_id"]],
  ["tenantid", ["tenant_id", "tenant_ids", "id"], ["tenant_id", "tenant_ids"]],
  ["OrgId", ["orgId", "org_id"], ["orgId", "org_id"]],
  ["org", ["ord", "id"], ["ord"]],
  ["x", ["account_id"], []],
])("%s of %j", (name, names, expected) => expect(nearNames(name, names)).toEqual(expected));
