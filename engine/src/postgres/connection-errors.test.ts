import { expect, test } from "vitest";
import { isTimeout, lostServer } from "./connection-errors.ts";
import { sqlState } from "./sqlstate.ts";

const error = (message: string, code?: string) => Object.assign(new Error(message), { code });

test.each([
  [error("terminating connection due to administrator command", sqlState.adminShutdown), true],
  [error("the database system is shutting down", sqlState.cannotConnectNow), true],
  [error("connect ECONNREFUSED 127.0.0.1:5432", "ECONNREFUSED"), true],
  [error("Connection terminated unexpectedly"), true],
  [error("Query read timeout"), false],
  [error('relation "a" does not exist', "42P01"), false],
  ["Connection terminated", false],
])("%s: the server was lost: %s", (said, isLost) => {
  expect(lostServer(said)).toBe(isLost);
});

test.each([
  [error("timeout expired"), true],
  [error("Query read timeout"), true],
  [error("Connection terminated unexpectedly"), false],
  [undefined, false],
])("%s: there was no answer in time: %s", (said, isLate) => {
  expect(isTimeout(said)).toBe(isLate);
});
