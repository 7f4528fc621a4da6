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
  [423, "", "LOCKED", undefined],
  [401, "", "CREDENTIALS", "API_KEY_REJECTED"],
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

test("a failed operation has no HTTP status", () => {
  const failure = { kind: "operation", message: "the operation failed", status: "failed" };
  expect(apiError("creating", failure, api)).toMatchObject({ code: "UPSTREAM", details: {} });
});

test.each([
  ["network", { code: "UPSTREAM", reason: "API_UNREACHABLE" }],
  ["aborted", { code: "INTERRUPTED" }],
  ["timeout", { code: "UPSTREAM", reason: undefined }],
])("no answer: %s", (kind, expected) => {
  expect(apiError("listing", { kind, message: "no", reason: "ECONNREFUSED" }, api)).toMatchObject(
    expected,
  );
});
