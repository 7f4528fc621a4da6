import { expect, test } from "vitest";
import { settingTexts } from "./setting-list.ts";

test.each([
  ["search_path", 'public, "$user"', ["public", "$user"]],
  ["Search_Path", '"a, b","c""d", e', ["a, b", 'c"d', "e"]],
  ["search_path", '""', [""]],
  ["search_path", "", [""]],
  ["local_preload_libraries", "x; drop table y; --", ["x; drop table y; --"]],
  ["local_preload_libraries", `x", '; y`, ['x"', "'; y"]],
  ["local_preload_libraries", `a"b"c, d`, [`a"b"c`, "d"]],
  ["work_mem", "a, b", ["a, b"]],
])("%s = %s", (name, stored, texts) => {
  expect(settingTexts(name, stored)).toEqual(texts);
});
