import { expect, test } from "vitest";
import {
  changesSomething,
  fileBackendPath,
  progressLine,
  pulumiComplaint,
  resourceSummary,
  shownBackend,
  toStack,
} from "./output.ts";

const update = (lines: string[]) =>
  ["Updating (ci-pr-1):", "", "Outputs:", "    url: 1", "", "Resources:"]
    .concat(lines.map((line) => `    ${line}`))
    .concat("", "Duration: 2s", "")
    .join("\n");

test.each([
  [["+ 2 created"], true],
  [["2 unchanged"], false],
  [["~ 1 updated", "1 unchanged"], true],
  [["+ 1 created", "1 errored"], true],
  [[], false],
])("the summary %j", (lines, changes) => {
  expect(resourceSummary(update(lines))).toEqual(lines);
  expect(changesSomething(lines)).toBe(changes);
});

test("of what it says, the errors count, and among them not that it failed", () => {
  const text =
    "Diagnostics:\n  x:\n    error: no quota\n    error: no quota\n\nerror: update failed\n";
  expect(pulumiComplaint(text)).toBe("error: no quota");
  expect(pulumiComplaint("error: update failed")).toBe("error: update failed");
  expect(pulumiComplaint("one\ntwo\nthree\nfour")).toBe("two\nthree\nfour");
  expect(pulumiComplaint("")).toBe("it said nothing");
});

test.each([
  ["file:///a/b?no_tmp_dir=true", "/a/b"],
  ["file://~", "/home/phil"],
  ["file://~/state", "/home/phil/state"],
  ["file://./state", "/infra/./state"],
  ["file:///a%20b", "/a b"],
  ["s3://bucket", undefined],
  ["https://api.pulumi.com", undefined],
])("the folder of %s", (url, path) => {
  expect(fileBackendPath(url, { home: "/home/phil", cwd: "/infra" })).toBe(path);
});

test("a backend is shown without what opens it", () => {
  expect(shownBackend("postgres://u:p@host/db?sslmode=require")).toBe("postgres://host/db");
  expect(shownBackend("s3://state?region=eu-central-1")).toBe("s3://state");
});

test("the root stack does not count as a resource, and an unknown number stays unknown", () => {
  const listed = { name: "organization/shop/ci-pr-1" };
  expect(toStack({ ...listed, resourceCount: 3 })).toMatchObject({
    name: "ci-pr-1",
    fullName: "organization/shop/ci-pr-1",
    resourceCount: 2,
    busy: undefined,
  });
  expect(toStack({ ...listed, resourceCount: 0 }).resourceCount).toBe(0);
  expect(toStack(listed).resourceCount).toBeUndefined();
});

test("progress fits behind a title", () => {
  expect(progressLine("  +  pulumi:x   creating ")).toBe("+ pulumi:x creating");
  expect(progressLine("x".repeat(200))).toHaveLength(40);
});
