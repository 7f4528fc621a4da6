import { expect, test } from "vitest";
import { fateOf, pauseBefore, retryAfterMs } from "./retry-policy.ts";

test.each([
  [{ status: 423 }, "not-yet"],
  [{ status: 429 }, "not-yet"],
  [{ status: 503 }, "not-yet"],
  [{ status: 500 }, "unclear"],
  [{ status: 502 }, "unclear"],
  [{ status: 504 }, "unclear"],
  [{ kind: "timeout" }, "unclear"],
  [{ kind: "network", reason: "ECONNRESET" }, "unclear"],
  [{ kind: "network", reason: "ETIMEDOUT" }, "unclear"],
  [{ kind: "network", reason: "HPE_INVALID_CONSTANT" }, "unclear"],
  [{ kind: "network", reason: "ECONNREFUSED" }, "unreached"],
  [{ kind: "network", reason: "ENOTFOUND" }, "unreached"],
  [{ kind: "network", reason: "CERT_HAS_EXPIRED" }, "unreached"],
  [{ kind: "aborted" }, "final"],
  [{ kind: "operation", status: "failed" }, "final"],
  [{ status: 501 }, "final"],
  [{ status: 200 }, "final"],
  [{ status: 422 }, "final"],
  [{ status: 507 }, "final"],
  [{ status: 500, body: { code: "INTERNAL_ERROR" } }, "final"],
  [{ status: 503, body: { code: "ENGINE_START_FAILED" } }, "final"],
] as const)("%j: %s", (failure, fate) => {
  expect(fateOf({ message: "no", ...failure })).toBe(fate);
});

test.each([
  [0, 125, 375],
  [3, 1_000, 3_000],
  [20, 4_000, 12_000],
])("before attempt %i: from %i to %i ms", (attempt, least, most) => {
  const failure = { message: "no" };
  expect(pauseBefore(attempt, failure, 0)).toBe(least);
  expect(pauseBefore(attempt, failure, 1)).toBe(most);
});

test("never sooner than the API asks for, and not all at once", () => {
  const failure = { message: "no", retryAfterMs: 7_000 };
  expect(pauseBefore(0, failure, 0)).toBe(7_000);
  expect(pauseBefore(0, failure, 1)).toBeGreaterThan(7_000);
});

const now = Date.parse("2026-12-01T10:00:00Z");

test.each([
  ["7", 7_000],
  [" 0 ", 0],
  ["Tue, 01 Dec 2026 10:00:30 GMT", 30_000],
  ["Tue, 01 Dec 2026 09:00:00 GMT", 0],
  ["-5", undefined],
  ["1.5", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});
