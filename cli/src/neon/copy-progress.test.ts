import { expect, test } from "vitest";
import { copyProgress } from "./copy-progress.ts";

const gibibyte = 1024 ** 3;
const copy = { projectId: "p", operationIds: ["op-1", "op-2"], source: "main" };

test.each([
  [0, 0, "copying main: 0 % of 0 B"],
  [0.4 * 4 * gibibyte, 4 * gibibyte, "copying main: 40 % of 4.0 GB"],
  [4 * gibibyte - 1, 4 * gibibyte, "copying main: 99 % of 4.0 GB"],
])("%d of %d bytes", (copiedBytes, totalBytes, says) => {
  const operations = [{ ...copy, copiedBytes, totalBytes }];
  expect(copyProgress({ operations }, "op-2")).toBe(says);
});

test("nothing is said of an operation that copies nothing", () => {
  const operations = [{ ...copy, copiedBytes: 1, totalBytes: 2 }];
  expect(copyProgress({ operations }, "op-3")).toBeUndefined();
});
