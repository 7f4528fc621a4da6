import { describe, expect, test } from "vitest";
import { redact, redactDeep } from "./redact.ts";

describe("secrets", () => {
  test.each([
    ["postgresql://u:p%40ss@h:1/db", "postgresql://u:****@h:1/db"],
    ["a postgres://u:x@h/d b https://k:y@z", "a postgres://u:****@h/d b https://k:****@z"],
    ["postgresql://u:p@ss@h/d", "postgresql://u:****@h/d"],
    ["no password: postgresql://u@h:5432/d", "no password: postgresql://u@h:5432/d"],
    ["http://127.0.0.1:24117/api/v2", "http://127.0.0.1:24117/api/v2"],
    ["password npg_Abc12345xyz here", "password npg_**** here"],
    ["key napi_abcdefgh12345", "key napi_****"],
  ])("%s", (text, expected) => expect(redact(text)).toBe(expected));

  test("at any depth", () => {
    expect(redactDeep({ a: ["postgres://u:x@h"], b: { c: 1, d: null } })).toEqual({
      a: ["postgres://u:****@h"],
      b: { c: 1, d: null },
    });
  });
});
