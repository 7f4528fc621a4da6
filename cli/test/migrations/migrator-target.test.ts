import { expect, test } from "vitest";
import { confirmLedgerChange } from "../../src/migrations/run/io/target.ts";

const question = { message: "forget 0000_a?", command: "ds db resolve --forget 0000_a" };
const database = (shared: boolean) => ({ url: "postgresql://h/d", what: "branch main", shared });

test("the ledger of a shared branch is changed with --yes only, also where a person could be asked", async () => {
  const asked: string[] = [];
  const context = {
    confirm: async ({ command }: { command: string }) => {
      asked.push(command);
    },
  };
  await expect(
    confirmLedgerChange(context, database(true), { ...question, yes: false }),
  ).rejects.toMatchObject({
    code: "REFUSED",
    hint: "If that is what you want: ds db resolve --forget 0000_a --yes",
  });
  expect(asked).toEqual([]);
  await confirmLedgerChange(context, database(true), { ...question, yes: true });
  await confirmLedgerChange(context, database(false), { ...question, yes: false });
  expect(asked).toHaveLength(2);
});
