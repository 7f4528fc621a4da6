import { expect, test } from "vitest";
import { describeEnd, shellStatus } from "../lib/process/run-end.ts";
import { afterExit } from "./restart-policy.ts";

test.each([
  ["it ended well", { status: 0, signal: null, lasted: 10 }, 0, { action: "done" }],
  [
    "the first fast failure",
    { status: 1, signal: null, lasted: 10 },
    0,
    { action: "restart", delay: 500, fastExits: 1 },
  ],
  [
    "the second",
    { status: 1, signal: null, lasted: 10 },
    1,
    { action: "restart", delay: 1000, fastExits: 2 },
  ],
  ["the third", { status: 1, signal: null, lasted: 10 }, 2, { action: "give up" }],
  [
    "a failure after a while starts the count anew",
    { status: 1, signal: null, lasted: 60_000 },
    2,
    { action: "restart", delay: 500, fastExits: 0 },
  ],
  [
    "a crash",
    { status: null, signal: "SIGSEGV", lasted: 60_000 },
    0,
    { action: "restart", delay: 500, fastExits: 0 },
  ],
] as const)("%s", (_, end, before, verdict) => {
  expect(afterExit(end, before)).toEqual(verdict);
});

test.each([
  [{ status: 3, signal: null }, 3, "exited with status 3"],
  [{ status: null, signal: "SIGTERM" }, 143, "was ended by SIGTERM"],
])("%j is %i to a shell", (end, status, text) => {
  expect(shellStatus(end, { SIGTERM: 15 })).toBe(status);
  expect(describeEnd(end)).toBe(text);
});
