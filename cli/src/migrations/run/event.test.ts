import { expect, test } from "vitest";
import { eventText, type MigrationEvent } from "./event.ts";

const migration = "0001_b";
const holder = { pid: 7, application: "ds migrate anna", state: "active", seconds: 2.4 };
const blockers = [
  { ...holder, application: "coffee break", state: "idle in transaction", query: "begin" },
];
const attempts = { attempt: 1, attempts: 5 };

test.each<[MigrationEvent, string]>([
  [
    { kind: "lock-wait", holder },
    "waiting for the migration lock: pid 7 (ds migrate anna), active for 2 s holds it",
  ],
  [
    { kind: "lock-wait", holder: undefined },
    "waiting for the migration lock: another process holds it",
  ],
  [
    { kind: "resumed", migration, statements: 1 },
    "0001_b goes on behind its first statement, which is committed",
  ],
  [
    { kind: "resumed", migration, statements: 2 },
    "0001_b goes on behind its first 2 statements, which are committed",
  ],
  [
    { kind: "blocked", migration, blockers },
    "0001_b waits for pid 7 (coffee break), idle in transaction for 2 s, last statement: begin",
  ],
  [
    { kind: "retried", migration, cause: "lock", blockers: [], ...attempts },
    "0001_b waits for a lock that another session holds; attempt 1 of 5 was rolled back, trying again",
  ],
  [
    { kind: "retried", migration, cause: "deadlock", blockers, ...attempts },
    "0001_b and another session waited for each other; attempt 1 of 5 was rolled back, trying again",
  ],
  [
    { kind: "leftover-dropped", migration, index: "public.i" },
    "0001_b: dropped public.i, which an earlier attempt left half-built",
  ],
  [{ kind: "warned", warning: { reason: "SERVER", text: "0001_b: careful" } }, "0001_b: careful"],
  [{ kind: "noticed", migration, text: "by the way" }, "0001_b: by the way"],
  [{ kind: "applied", migration, milliseconds: 9 }, "0001_b (9 ms)"],
])("%j", (event, text) => expect(eventText(event)).toBe(text));
