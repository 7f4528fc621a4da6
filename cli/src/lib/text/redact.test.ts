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
    [`${"x".repeat(99)}postgres://u:x@h`, `${"x".repeat(99)}postgres://u:****@h`],
    [`postgres://u:${"x".repeat(5000)}@h`, "postgres://u:****@h"],
    ["url='postgres://u:x@h', mail 'me@h'", "url='postgres://u:****@h', mail 'me@h'"],
    ["a://b:c@d,e://f:g@h", "a://b:****@h"],
  ])("%s", (text, expected) => expect(redact(text)).toBe(expected));

  test.each(["a", "a://b:", "a://b:c@", "a://", "@", "a:"])(
    "a text that is twenty times as long takes about twenty times as long: %j",
    (piece) => {
      const took = (length: number) => {
        const text = piece.repeat(length / piece.length);
        const began = performance.now();
        redact(text);
        return performance.now() - began;
      };
      took(100_000);
      // A quadratic one would take 400 times as long; the floor is for what a clock and a busy machine add.
      expect(took(2_000_000)).toBeLessThan(100 * Math.max(took(100_000), 5));
    },
  );

  test("at any depth", () => {
    expect(redactDeep({ a: ["postgres://u:x@h"], b: { c: 1, d: null } })).toEqual({
      a: ["postgres://u:****@h"],
      b: { c: 1, d: null },
    });
  });
});
