import { expect, test } from "vitest";
import { apiError } from "./api-error.ts";

const api = { url: "https://neon.example/api/v2", local: false };
const refused = (status: number, message: string, code = "") =>
  apiError("deleting the branch br-1", { message, status, body: { code, message } }, api);

test.each([
  [422, "BRANCH_PROTECTED", "REFUSED", "BRANCH_PROTECTED"],
  [422, "BRANCH_IS_DEFAULT", "REFUSED", "BRANCH_IS_DEFAULT"],
  [422, "BRANCH_IS_ROOT", "REFUSED", "BRANCH_IS_ROOT"],
  [422, "BRANCH_HAS_CHILDREN", "REFUSED", "BRANCH_HAS_CHILDREN"],
  [409, "BRANCH_ALREADY_EXISTS", "CONFLICT", "BRANCH_NAME_TAKEN"],
  [404, "BRANCH_NOT_FOUND", "NOT_FOUND", "BRANCH_NOT_FOUND"],
  [404, "PROJECT_NOT_FOUND", "NOT_FOUND", "PROJECT_NOT_FOUND"],
  [404, "SOMETHING_NEW", "NOT_FOUND", undefined],
  [422, "SOMETHING_NEW", "UPSTREAM", undefined],
  [423, "", "LOCKED", "PROJECT_BUSY"],
  [423, "TABLE_LOCKED", "LOCKED", "TABLE_LOCKED"],
  [401, "", "CREDENTIALS", "API_KEY_REJECTED"],
  [403, "", "CREDENTIALS", "API_KEY_FORBIDDEN"],
  [412, "", "PREREQUISITE_MISSING", "PASSWORD_NOT_STORED"],
  [429, "", "UPSTREAM", "RATE_LIMITED"],
  [503, "", "UPSTREAM", "API_UNAVAILABLE"],
  [422, "BRANCHES_LIMIT_EXCEEDED", "UPSTREAM", "PLAN_LIMIT"],
  [403, "PROJECTS_LIMIT_EXCEEDED", "UPSTREAM", "PLAN_LIMIT"],
  [422, "COMPUTE_TIME_EXCEEDED", "UPSTREAM", "PLAN_LIMIT"],
  [422, "BRANCH_SIZE_LIMIT_EXCEEDED_THRESHOLD", "UPSTREAM", "PLAN_LIMIT"],
  [422, "WIDGETS_LIMIT_EXCEEDED", "UPSTREAM", "PLAN_LIMIT"],
  // The engine's: a branch has one endpoint there, whatever the plan.
  [422, "ENDPOINT_LIMIT_EXCEEDED", "UPSTREAM", undefined],
  [409, "BRANCHES_LIMIT_EXCEEDED", "CONFLICT", undefined],
  [500, "INTERNAL", "UPSTREAM", undefined],
])("%i with the code %j: %s, %s, whatever it says", (status, apiCode, code, reason) => {
  const error = refused(status, "cannot delete a protected branch", apiCode);
  expect(error).toMatchObject({ code, reason, details: { httpStatus: status } });
});

test.each([
  ["cannot delete the root branch", "BRANCH_IS_ROOT"],
  ["cannot delete the default branch of the project", "BRANCH_IS_DEFAULT"],
  ["the default branch cannot be deleted", "BRANCH_IS_DEFAULT"],
  ["cannot delete a protected branch", "BRANCH_PROTECTED"],
  ["cannot restore a protected branch", "BRANCH_PROTECTED"],
  ["the branch is protected", "BRANCH_PROTECTED"],
  ["a protected branch cannot expire", "BRANCH_PROTECTED"],
  ["cannot delete a project that has protected branches", "BRANCH_PROTECTED"],
  ["cannot delete a branch that has children: child-benefits", "BRANCH_HAS_CHILDREN"],
  ["You can't delete a branch with child branches", "BRANCH_HAS_CHILDREN"],
])("a 422 of Neon's cloud without a code: %s", (message, reason) => {
  expect(refused(422, message)).toMatchObject({ code: "REFUSED", reason });
});

/** A word of each refusal, in the name of a branch and in what else a sentence may be about. */
const words = [
  "protected",
  "protect-me",
  "default",
  "root",
  "root-cause",
  "child-benefits",
  "children",
];

test.each(
  words.flatMap((name) => [
    `invalid branch name "${name}"`,
    `branch ${name} has an expires_at in the past`,
    `cannot delete branch ${name}: it has a running operation`,
    `cannot delete the branch ${name}`,
    `${name}: expires_at must be in the future`,
    `2026-01-01T00:00:00Z is before the history of branch "${name}"`,
  ]),
)("no refusal for safety: %s", (message) => {
  expect(refused(422, message)).toMatchObject({ code: "UPSTREAM", reason: undefined });
});

test.each([
  [
    400,
    "org_id is required, you can find it on your organization settings page",
    "ORGANIZATION_UNCLEAR",
  ],
  [
    403,
    "You have exceeded the limit of concurrently active endpoints. Please suspend some.",
    "PLAN_LIMIT",
  ],
  [422, "Your account or project has exceeded the compute time quota.", "PLAN_LIMIT"],
  [400, "org_id is required-by-name", undefined],
  [422, "branch limit-exceeded expires_at in the past", undefined],
])("a %i without a code: %s", (status, message, reason) => {
  expect(refused(status, message)).toMatchObject({ reason });
});

test("what was reached is not said to be unreachable, and what was waited for is said", () => {
  const lost = { kind: "network", message: "no", reason: "ECONNRESET", waitedMs: 61_000 };
  expect(apiError("listing", lost, api)).toMatchObject({
    reason: "API_SILENT",
    message: expect.stringContaining("61s"),
  });
  const busy = { message: "slow down", status: 429, waitedMs: 2_000, retryAfterMs: 120_000 };
  expect(apiError("listing", busy, api)).toMatchObject({
    reason: "RATE_LIMITED",
    message: expect.stringMatching(/2s.*120s/),
  });
  for (const status of [500, 502, 504]) {
    const { hint } = apiError("listing", { message: "no", status }, api);
    expect(hint).not.toMatch(/reachable/i);
  }
});

test("a failed operation has no HTTP status", () => {
  const failure = { kind: "operation", message: "the operation failed", status: "failed" };
  expect(apiError("creating", failure, api)).toMatchObject({ code: "UPSTREAM", details: {} });
});

test.each([
  ["network", { code: "UPSTREAM", reason: "API_UNREACHABLE" }],
  ["aborted", { code: "INTERRUPTED" }],
  ["timeout", { code: "UPSTREAM", reason: "API_SILENT" }],
])("no answer: %s", (kind, expected) => {
  expect(apiError("listing", { kind, message: "no", reason: "ECONNREFUSED" }, api)).toMatchObject(
    expected,
  );
});
