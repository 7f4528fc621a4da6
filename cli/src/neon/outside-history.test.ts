import { expect, test } from "vitest";
import { apiError } from "./api-error.ts";
import { outsideHistory } from "./outside-history.ts";

const api = { url: "https://neon.example/api/v2", local: false };
const at = { lsn: "0/1A2B3C" };
const answer = (status: number, code: string, message = "no") =>
  apiError("creating the branch x", { message, status, body: { code, message } }, api);

test.each([
  "POINT_IN_TIME_IN_FUTURE",
  "POINT_IN_TIME_BEFORE_HISTORY",
  "POINT_IN_TIME_UNREACHABLE",
  "LSN_BEYOND_LOG",
  "NO_HISTORY",
  // As Neon's cloud sends it.
  "",
])("a moment that cannot be had, as %j says", (code) => {
  const error = answer(422, code);
  const found = outsideHistory(error, at);
  expect(found).toMatchObject({ code: "NOT_FOUND", reason: "OUTSIDE_HISTORY", status: 4 });
  expect(found).toMatchObject({ details: { httpStatus: 422 }, cause: error.cause });
});

test.each([
  answer(422, "BRANCH_PROTECTED"),
  answer(422, "", "cannot restore a protected branch"),
  answer(422, "POSTGRES_REFUSED"),
  answer(500, ""),
  new Error("no"),
])("what has nothing to do with the moment stays: %s", (error) => {
  expect(outsideHistory(error, at)).toBe(error);
});
