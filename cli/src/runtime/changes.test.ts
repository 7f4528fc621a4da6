import { expect, test } from "vitest";
import { DsError } from "../errors/ds-error.ts";
import { Changes, declinedError, interruptedError } from "./changes.ts";

const creation = {
  done: "x was created",
  unclear: "x may have been created",
  stopped: "x was created in part",
};
const failing = (error: unknown) => (): Promise<never> => Promise.reject(error);
const stop = new DsError("INTERRUPTED", "stopped");

test.each<[string, () => Promise<unknown>, string, string[]]>([
  ["it is done", async () => 1, "changed", ["x was created"]],
  ["Ctrl-C stopped it", failing(stop), "changed", ["x was created in part"]],
  ["it was refused", failing(new DsError("CONFLICT", "taken")), "unchanged", []],
  ["no answer came", failing(new DsError("UPSTREAM", "-")), "unknown", ["x may have been created"]],
  ["something unforeseen", failing(new TypeError("-")), "unknown", ["x may have been created"]],
  [
    "who failed has looked, and it did not happen",
    failing(new DsError("UPSTREAM", "-", { details: { outcome: "unchanged" } })),
    "unchanged",
    [],
  ],
  [
    "who failed cannot look",
    failing(new DsError("CONFLICT", "-", { details: { outcome: "unknown" } })),
    "unknown",
    ["x may have been created"],
  ],
])("%s", async (_, work, outcome, clauses) => {
  const changes = new Changes();
  await changes.during(creation, work).catch(() => {});
  expect(changes.account()).toEqual({ outcome, clauses });
});

test("while it is under way nobody knows; what belongs to it is not told apart", async () => {
  const changes = new Changes();
  await changes.during(creation, async () => {
    await changes.during({ done: "a detail", unclear: "-" }, async () => {});
    changes.set("other", "another detail");
    expect(changes.account()).toEqual({ outcome: "unknown", clauses: [creation.unclear] });
  });
  await changes.quietly(async () => changes.set("silent", "nobody asks"));
  expect(changes.account().clauses).toEqual([creation.done]);
});

test("of one key the last word counts, and what was taken back is not there", () => {
  const changes = new Changes();
  changes.set("migrations", "1 of 2 was applied");
  changes.set("copy", "the copy is left");
  changes.set("migrations", "2 of 2 were applied");
  changes.drop("copy");
  expect(changes.account()).toEqual({ outcome: "changed", clauses: ["2 of 2 were applied"] });
});

test("who answers no is told the same", () => {
  const changes = new Changes();
  const no = new DsError("NOT_CONFIRMED", "stopped");
  expect(declinedError(no, changes)).toMatchObject({
    code: "NOT_CONFIRMED",
    message: "Stopped; nothing was changed.",
    details: { outcome: "unchanged", changes: [] },
  });
  changes.set(1, "the project was created");
  expect(declinedError(no, changes).message).toBe("Stopped; the project was created.");
});

test("the sentence: all clauses, the hint and facts of whoever was interrupted, no others", () => {
  const changes = new Changes();
  const own = new DsError("INTERRUPTED", "-", { hint: "go on", details: { step: "branch" } });
  expect(interruptedError(own, changes)).toMatchObject({
    status: 130,
    message: "Interrupted; nothing was changed.",
    hint: "go on",
    details: { step: "branch", outcome: "unchanged", changes: [] },
  });
  changes.set(1, "a is");
  changes.set(2, "b is not", "unchanged");
  const other = new DsError("UPSTREAM", "-", { hint: "-", details: { report: {}, more: 1 } });
  expect(interruptedError(other, changes)).toMatchObject({
    message: "Interrupted; a is; b is not.",
    hint: undefined,
    details: { report: {}, outcome: "changed", changes: ["a is", "b is not"] },
  });
  expect(interruptedError(other, changes).details).not.toHaveProperty("more");
});
