import { expect, test } from "vitest";
import { flagsApart, worthProposing } from "./words.ts";

test.each([
  [["db", "migrate", "--target", "ph"], ["db", "migrate", "--target", "ph"], ""],
  [["db", "migrate", "--target=ph"], ["db", "migrate", "--target", "ph"], "--target="],
  [["db", "migrate", "--target", "="], ["db", "migrate", "--target", ""], ""],
  [["db", "migrate", "--target", "=", "ph"], ["db", "migrate", "--target", "ph"], ""],
  [["db", "migrate", "--target=dev", "--ch"], ["db", "migrate", "--target", "dev", "--ch"], ""],
  [["db", "create", "a=b"], ["db", "create", "a=b"], ""],
])("%j", (words, separate, prefix) => {
  expect(flagsApart(words)).toEqual({ separate, prefix });
});

test("values come alone and without words about them; no name breaks its line", () => {
  const flag = { kind: "argument:flag", completion: "--yes", brief: "Do not ask" };
  const value = (completion: string) => ({ kind: "argument:value", completion, brief: "Name" });
  expect(worthProposing([value("main"), value("odd\nname"), flag])).toEqual([
    { kind: "argument:value", completion: "main", brief: "" },
  ]);
  const end = { kind: "argument:flag", completion: "--", brief: "All that follows" };
  expect(worthProposing([end, flag])).toEqual([flag]);
});
