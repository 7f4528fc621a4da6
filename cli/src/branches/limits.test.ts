import { describe, expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import { limitRefusal } from "./limits.ts";
import { makerAnnotation } from "./made-by.ts";

const made = (name: string, owner: string, logicalSizeBytes = 100) =>
  aBranch({
    name,
    logicalSizeBytes,
    annotation: makerAnnotation({ by: "agent", owner, stage: `${owner}-local` }),
  });
const branches = [
  aBranch({ name: "main", logicalSizeBytes: 100 }),
  aBranch({ name: "dev-pat-local", logicalSizeBytes: 100 }),
  made("dev-pat-agent-x", "pat"),
  made("try", "pat"),
  made("dev-pat-local-before-reset-20261123100000000", "pat"),
  made("rehearsal-of-main-1a2b3c-4711-9f3e", "pat"),
  made("other", "anna", 10_000),
];
const refused = (limits: { branches?: number; bytes?: number }, owner = "pat") =>
  limitRefusal(owner, branches, branches[0], { branches: undefined, bytes: undefined, ...limits });

describe("an owner's branches, without what ds keeps of them", () => {
  test.each([
    ["no limit", {}, false],
    ["one more", { branches: 4 }, false],
    ["as many as there may be", { branches: 3 }, true],
    ["room for one more", { bytes: 400 }, false],
    ["no room for its parent's data", { bytes: 399 }, true],
  ])("%s", (_, limits, expected) => {
    expect(refused(limits)?.reason).toBe(expected ? "OWNER_LIMIT" : undefined);
  });

  test("are those of one owner", () => {
    expect(refused({ branches: 1 }, "new")).toBeUndefined();
    expect(refused({ branches: 2 }, "anna")).toBeUndefined();
  });
});
