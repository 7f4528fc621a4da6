import { expect, test } from "vitest";
import { isConnectionError, isServerError } from "./server-error.ts";
import { sqlState } from "./sqlstate.ts";

const server = (severity: string, code: string) =>
  Object.assign(new Error("words in any language"), { severity, code });

test.each([
  ["a statement that failed", server("ERROR", sqlState.undefinedTable), true],
  ["a session that the server ended", server("FATAL", "57P01"), false],
  ["an idle transaction that it ended", server("ERROR", sqlState.idleSessionTimeout), false],
  ["a system's error", Object.assign(new Error("reset"), { code: "ECONNRESET" }), false],
  ["an error of the driver's", new Error("Connection terminated unexpectedly"), false],
])("whether it is the server's verdict on a statement: %s", (_, error, is) => {
  expect(isServerError(error)).toBe(is);
});

test.each([
  ["the server's end", server("FATAL", "57P01"), true],
  ["a system's error", Object.assign(new Error("reset"), { code: "ECONNRESET" }), true],
  ["the driver's end", new Error("Connection terminated unexpectedly"), true],
  [
    "a query behind it",
    new Error("Client has encountered a connection error and is not queryable"),
    true,
  ],
  ["a bug of ours", new TypeError("x is not a function"), false],
  ["nothing of an error", "text", false],
])("whether the connection broke: %s", (_, error, is) => {
  expect(isConnectionError(error)).toBe(is);
});
