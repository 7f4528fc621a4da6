import { describe, expect, test } from "vitest";
import { aBranch } from "../../../test/helpers/branch.ts";
import { makerAnnotation } from "../../branches/made-by.ts";
import {
  accessTo,
  endsWithSession,
  refuseEphemeral,
  refuseProduction,
  refuseSharedCheckout,
} from "./access.ts";

const own = { name: "phil-local", kind: "personal", branch: "dev-phil-local" } as const;
const madeBy = (by: "mcp" | "create" | "agent", stage: string) =>
  makerAnnotation({ by, owner: "phil", stage });

test.each([
  ["one's own", {}, "write"],
  ["one's own, protected", { protected: true }, "read-only"],
  ["one's own, a shared stage's", { name: "staging" }, "read-only"],
  ["main", { name: "main" }, "read-only"],
  ["the default one", { default: true }, "read-only"],
  ["a root", { parentId: undefined }, "read-only"],
  ["a colleague's", { name: "dev-anna-local" }, "read-only"],
  ["by hand", { name: "try", annotation: madeBy("create", "phil-local") }, "read-only"],
  ["made here", { name: "try", annotation: madeBy("mcp", "phil-local") }, "write"],
  ["made elsewhere", { name: "try", annotation: madeBy("mcp", "anna-local") }, "read-only"],
  [
    "main that says it was made here",
    { name: "main", annotation: madeBy("mcp", "phil-local") },
    "read-only",
  ],
])("%s", (_, patch, expected) => {
  expect(accessTo(aBranch(patch), own, ["staging"])).toBe(expected);
});

test("a checkout that is set to a shared stage may write nowhere", () => {
  const shared = { name: "dev", kind: "shared", branch: "staging" } as const;
  expect(accessTo(aBranch({ name: "staging" }), shared, [])).toBe("read-only");
  expect(() => refuseSharedCheckout(shared)).toThrow(
    expect.objectContaining({ reason: "STAGE_IS_SHARED" }),
  );
});

describe("production", () => {
  const config = { project: "shop", refresh: { from: "source" } } as Parameters<
    typeof refuseProduction
  >[1];
  test.each([
    ["prod", "shop", true],
    ["production", "shop", true],
    ["source", "shop", true],
    ["dev", "shop-production", true],
    ["dev", "shop", false],
    ["phil-prod", "shop", false],
  ])("%s of %s: %s", (name, project, refused) => {
    const attempt = () => refuseProduction({ name, project }, config);
    if (!refused) expect(attempt()).toBeUndefined();
    else expect(attempt).toThrow(expect.objectContaining({ reason: "PRODUCTION_OUT_OF_REACH" }));
  });

  test("is not reached by the copies that a refresh builds", () => {
    const name = "refresh-source-of-main-1a2b3c-4711-9f3e";
    expect(() => refuseEphemeral({ name })).toThrow(
      expect.objectContaining({ reason: "PRODUCTION_OUT_OF_REACH" }),
    );
    expect(refuseEphemeral({ name: "refresh" })).toBeUndefined();
  });
});

test.each([
  ["a day, which nobody asked for", {}, true],
  ["a day, of another checkout", { annotation: madeBy("mcp", "phil-wt-local") }, false],
  ["a day, made by hand", { annotation: madeBy("create", "phil-local") }, false],
  ["three days, asked for", { expiresAt: "2026-11-04T00:00:00Z" }, false],
  ["for ever", { expiresAt: undefined }, false],
  [
    "it ends soon anyway",
    { createdAt: "2026-10-31T12:30:00Z", expiresAt: "2026-11-01T12:30:00Z" },
    false,
  ],
])("a branch that lives %s ends with the session: %s", (_, patch, expected) => {
  const branch = aBranch({
    name: "try",
    annotation: madeBy("mcp", "phil-local"),
    createdAt: "2026-11-01T00:00:00Z",
    expiresAt: "2026-11-02T00:00:01Z",
    ...patch,
  });
  expect(endsWithSession(branch, "phil-local", "2026-11-01T13:00:00Z")).toBe(expected);
});
