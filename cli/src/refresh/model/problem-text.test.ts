import { expect, test } from "vitest";
import type { ProblemReason } from "./problem.ts";
import { problemText } from "./problem-text.ts";

test.each<[ProblemReason, string]>([
  [{ code: "NOT_READABLE" }, "the role may not read it"],
  [{ code: "ROW_SECURITY" }, "row-level security hides rows of it from the role"],
  [{ code: "NO_TABLE", table: "orgs" }, "there is no table orgs"],
  [
    { code: "NO_COLUMN", table: "organizations", column: "code" },
    "organizations has no column code",
  ],
  [{ code: "NO_SUCH_TABLE" }, "there is no such table"],
  [{ code: "NO_SUCH_COLUMN", table: "a" }, "a has no such column"],
  [{ code: "NO_SUCH_REFERENCE" }, "there is no such reference"],
  [{ code: "RULES_CONTRADICT", of: "a.xy" }, "say different things of a.xy: name it"],
  [
    { code: "NO_TENANT_COLUMN", column: "organisation_id", similar: ["organization_id"] },
    "no table has a column organisation_id; did you mean organization_id?",
  ],
  [
    { code: "NO_SINGLE_PRIMARY_KEY", table: "orgs" },
    "orgs has no primary key of one column: name its `key`",
  ],
  [
    { code: "NOT_UNIQUE", table: "organizations", column: "name" },
    "organizations.name is not unique",
  ],
  [{ code: "TENANT_TABLE_NEEDS_NO_RULE" }, "is the tenant's own table, which needs no rule"],
  [{ code: "COLUMN_MISSING", column: "org" }, "has no column org"],
  [
    {
      code: "REFERS_ELSEWHERE",
      column: "organization_id",
      other: "accounts",
      tenant: "organizations.id",
    },
    "its organization_id refers to accounts, not to organizations.id",
  ],
  [
    {
      code: "INCOMPARABLE",
      column: "organization_id",
      type: "uuid",
      tenant: "organizations.id",
      tenantType: "bigint",
    },
    "its organization_id is uuid, and organizations.id is bigint",
  ],
  [
    { code: "TENANT_MAY_BE_NULL", columns: ["org"] },
    "org may be NULL: say what becomes of rows that belong to no organization",
  ],
  [
    { code: "ONLY_NULLABLE_PATH", columns: ["org", "team"] },
    "only org,team leads to an organization, and may be NULL",
  ],
  [{ code: "NO_PATH" }, "no column and no foreign key leads to an organization"],
  [{ code: "PARENT_UNDECIDED", table: "b" }, "belongs to b, of which nobody has said what it is"],
  [
    { code: "HAS_TENANT_COLUMN", column: "organization_id" },
    "is said to be the same for everybody, and its organization_id says whose a row is",
  ],
  [{ code: "VIA_IS_NO_REFERENCE", via: "b_id", table: "a" }, 'via "b_id" is no reference of a'],
  [
    { code: "VIA_LEADS_ELSEWHERE", via: "u_id", tables: ["u"] },
    'via "u_id" leads to u, which is not the organization\'s',
  ],
  [
    { code: "NOT_A_KEY", columns: "items.organization_id" },
    "items.organization_id is no key: several rows may have the same value",
  ],
  [{ code: "COLUMN_COUNT", columns: "items.id" }, "items.id has not as many columns"],
  [{ code: "CANNOT_BE_EMPTIED" }, "cannot be emptied: it is NOT NULL"],
  [{ code: "REFERS_TO_SKIPPED", table: "i" }, "refers to i, which is skipped"],
  [
    { code: "UNKNOWN_TYPES", types: ["Wiki", "Page"] },
    'production has rows of type "Wiki", "Page", which the rules do not know',
  ],
  [{ code: "UNCLASSIFIED", type: "text" }, "text: nobody has said whether it is personal"],
  [
    { code: "TENANT_COLUMN_MASKED", column: "a.organization_id" },
    "a.organization_id says whose a row is, and cannot be masked",
  ],
  [{ code: "KEEPS_UNSEEN_COLUMNS" }, "would keep columns that nobody has seen yet: name them"],
  [
    { code: "MASKED_DIFFERENTLY", column: "u.email" },
    "refers to u.email, and the two are not masked alike",
  ],
  [{ code: "MASK_TYPE", mask: "email", type: "integer" }, "mask.email() does not fit integer"],
  [{ code: "MASK_NULL", mask: "null" }, "mask.null() does not fit a column that is NOT NULL"],
  [
    { code: "MASK_TOO_LONG", mask: "url", needs: 32, length: 8 },
    "mask.url() needs 32 characters, and the column has 8",
  ],
  [
    { code: "MASK_VALUE", mask: "constant", value: '"x"', type: "integer" },
    '"x" of mask.constant() does not fit integer',
  ],
  [
    { code: "MASK_IN_JSON", mask: "date", path: "a.b" },
    "mask.date() does not fit inside JSON (a.b)",
  ],
  [
    { code: "MASK_NOT_UNIQUE", mask: "name", instead: "mask.token()" },
    "mask.name() may give two values the same mask, and the column is unique; mask.token() would not",
  ],
  [
    { code: "MASK_TOO_LONG_UNIQUE", mask: "email", needs: 12, length: 8 },
    "mask.email() needs 12 characters to keep values different, and the column has 8",
  ],
  [
    { code: "MASK_TOO_FEW_DIGITS", mask: "token", digits: 4, type: "smallint" },
    "mask.token() has 4 digits in smallint: too few to keep values different",
  ],
  [{ code: "MISSING_ON_MAIN" }, "production has it, and the migrated main has not"],
  [
    { code: "REQUIRED_ON_MAIN" },
    "main has it as NOT NULL without a default, and production has not",
  ],
  [{ code: "NOT_NULL_ON_MAIN" }, "is NOT NULL on main, and may be NULL in production"],
  [
    { code: "TYPES_DIFFER", source: "bigint", target: "double precision" },
    "is bigint in production, and double precision on main",
  ],
  [
    { code: "TYPE_OF_ONE_SERVER", type: "oid" },
    "is oid, whose values mean something on their own server only",
  ],
  [
    { code: "LABELS_MISSING", type: "public.mood", labels: ["b", "c"] },
    'public.mood has no "b", "c" on main',
  ],
  [
    { code: "MASK_FAILS", mask: "sql", rule: "a.b", said: "function f() does not exist" },
    'mask.sql() of the rule "a.b" does not work: function f() does not exist',
  ],
  [
    { code: "FILTER_FAILS", said: "syntax error" },
    "the rows of it cannot be chosen so: syntax error",
  ],
  [{ code: "NO_SUCH_COLUMN" }, "there is no such column"],
  [
    { code: "MASK_NULL", mask: "null", rule: "users.*" },
    "mask.null() does not fit a column that is NOT NULL, as users.* says: give it a rule of its own",
  ],
])("%j", (reason, text) => {
  expect(problemText({ reason })).toBe(text);
});
