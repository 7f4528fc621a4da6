import { expect, test } from "vitest";
import { readPgDumpFailure } from "./pg-dump-failures.ts";

test.each([
  [
    "pg_dump failed with exit code 1. \nError message: pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout",
    {
      words: "query failed: ERROR:  canceling statement due to lock timeout",
      means: "TABLE_LOCKED" as const,
    },
  ],
  [
    "pg_dump: error: connection failed: server closed the connection unexpectedly",
    {
      words: "connection failed: server closed the connection unexpectedly",
      means: "SERVER_GONE" as const,
    },
  ],
  [
    "pg_dump: error: too many command-line arguments",
    { words: "too many command-line arguments", means: undefined },
  ],
])("%s", (text, failure) => {
  expect(readPgDumpFailure(text)).toEqual(failure);
});
