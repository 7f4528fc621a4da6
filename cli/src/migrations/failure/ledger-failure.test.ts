import { expect, test } from "vitest";
import { sqlState } from "../../postgres/sqlstate.ts";
import { splitStatements } from "../sql/split-statements.ts";
import { cutSteps } from "../sql/steps.ts";
import { ledgerRefused, ledgerWriteFailure, noLedger } from "./ledger-failure.ts";

const sql = "select 1";
const migration = {
  ...{ name: "0001_b", ledgerName: "0001_b", file: "drizzle/0001_b.sql", when: 0, hash: "" },
  ...{ sameContent: [], sql },
};
const [step] = cutSteps(sql, splitStatements(sql)).steps;
if (step === undefined) throw new Error("no step");
const running = { migration, step, committed: [], command: "ds db migrate" };

test.each([
  [sqlState.readOnlySqlTransaction, /read-only/],
  [sqlState.undefinedTable, /drops or renames/],
  [sqlState.notNullViolation, /give it a default/],
  [sqlState.insufficientPrivilege, /must be allowed/],
  ["P0001", /triggers/],
])("what to do where the note could not be written: %s", (code, hint) => {
  const error = { message: "not\nnow", code, completed: 1 };
  const failure = ledgerWriteFailure("drizzle.log", running, error);
  expect(failure.hint).toMatch(hint);
  expect(failure.message).toBe(
    `the ledger drizzle.log could not be written: not now (${code}); 0001_b was rolled back; nothing was committed.`,
  );
});

test("behind a statement outside of transactions: it was carried out", () => {
  const alone = { ...running, step: { ...step, alone: { kind: "repeatable" } as const } };
  const error = { message: "no", code: sqlState.notNullViolation, completed: 1 };
  const failure = ledgerWriteFailure("drizzle.log", alone, error);
  expect(failure.details).toMatchObject({ carriedOut: 1 });
  expect(failure.message).toMatch(/statement 1 was carried out, which the next run finds out\.$/);
});

test("a ledger that may not be read, and a table that is none", () => {
  const error = Object.assign(new Error("no"), { code: sqlState.insufficientPrivilege });
  expect(ledgerRefused(error)).toMatchObject({ code: "UPSTREAM", reason: "LEDGER_REFUSED" });
  expect(noLedger("drizzle.log", "hash").message).toBe(
    "drizzle.log is no ledger of Drizzle's: it has no column hash. Nothing was run.",
  );
});
