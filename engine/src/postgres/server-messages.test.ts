import { expect, test } from "vitest";
import { hasServerErrors, lastComplaint, serverMessageMeaning } from "./server-messages.ts";

test.each([
  [
    "pre-existing shared memory block (key 5432001, ID 7) is still in use",
    "BACKENDS_LEFT" as const,
  ],
  ["could not create any TCP/IP sockets", "PORT_TAKEN" as const],
  ['could not write to file "pg_wal/xlogtemp.42": No space left on device', "DISK_FULL" as const],
  ['invalid value for parameter "work_mem": "1 parsec"', undefined],
])("%s: %s", (message, meaning) => {
  expect(serverMessageMeaning(message)).toBe(meaning);
});

test("the last complaint of a log is the last FATAL, PANIC or ERROR, without what stands before it", () => {
  const log = [
    "2026-01-01 [1] LOG:  starting PostgreSQL",
    "2026-01-01 [1] ERROR:  the first",
    '2026-01-01 [2] me@db FATAL:  database "x" does not exist',
    "2026-01-01 [1] LOG:  database system is shut down",
  ];
  expect(lastComplaint(log.join("\n"))).toBe('database "x" does not exist');
});

test("before the log is open, Postgres complains under its own name", () => {
  expect(lastComplaint("postgres: WAL archival cannot be enabled\n")).toBe(
    "WAL archival cannot be enabled",
  );
  expect(lastComplaint("LOG:  nothing wrong\n")).toBeUndefined();
});

test("single-user mode tells of errors on stderr", () => {
  expect(hasServerErrors('2026-01-01 [1] ERROR:  role "a" already exists')).toBe(true);
  expect(hasServerErrors("2026-01-01 [1] LOG:  checkpoint complete")).toBe(false);
});
