import { expect, test } from "vitest";
import { type Answer, violations } from "../support/api-description.ts";

/** The check of answers is itself worth a check: it must be able to find something. */

const operation = {
  id: "d8ac46eb-a757-42b1-9907-f78322ee394e",
  project_id: "spring-example-302709",
  action: "start_compute",
  status: "finished",
  failures_count: 0,
  created_at: "2026-11-15T20:02:00Z",
  updated_at: "2026-11-15T20:02:02Z",
  total_duration_ms: 200,
};

const answer = (body: unknown, more: Partial<Answer> = {}): Answer => ({
  method: "GET",
  path: "/projects/spring-example-302709/operations",
  status: 200,
  contentType: "application/json",
  body: JSON.stringify(body),
  ...more,
});

test("a right answer has no violations, with and without what is optional", () => {
  expect(violations(answer({ operations: [operation] }))).toEqual([]);
  expect(violations(answer({ operations: [], pagination: { cursor: "x" } }))).toEqual([]);
  expect(violations(answer({ code: "", message: "no" }, { status: 404 }))).toEqual([]);
});

const { status: _, ...withoutStatus } = operation;

test.each<[string, Answer, RegExp]>([
  ["a field missing", answer({ operations: [withoutStatus] }), /operations\/0 .*'status'/],
  ["a field missing on top", answer({}), /'operations'/],
  ["a wrong type", answer({ operations: [{ ...operation, id: 1 }] }), /operations\/0\/id/],
  ["a wrong format", answer({ operations: [{ ...operation, id: "1" }] }), /uuid/],
  ["a wrong time", answer({ operations: [{ ...operation, created_at: "now" }] }), /date-time/],
  ["an unknown value", answer({ operations: [{ ...operation, status: "done" }] }), /status/],
  ["a field too many", answer({ operations: [{ ...operation, extra: 1 }] }), /extra/],
  ["a field too many on top", answer({ operations: [], next: "x" }), /next/],
  ["null for a field", answer({ operations: null }), /operations/],
  ["text", answer({}, { body: "hello" }), /not JSON/],
  ["another content type", answer({}, { contentType: "text/html" }), /text\/html/],
  ["a status nobody described", answer({}, { status: 202 }), /status 202/],
  ["a route nobody described", answer({}, { path: "/nothing" }), /no GET \/nothing/],
  ["an error without a message", answer({ code: "" }, { status: 500 }), /'message'/],
  [
    "a body that should be empty",
    answer({}, { method: "DELETE", path: "/projects/p/branches/b", status: 204 }),
    /a body where none/,
  ],
])("finds %s", (_what, wrong, message) => {
  expect(violations(wrong).join("\n")).toMatch(message);
});
