import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { cutToWidth, graphemes, isNarrow, padToWidth, textWidth, wrapToWidth } from "./width.ts";

const family = "👨‍👩‍👧";
const flag = "🇩🇪";
/** e and a combining accent. */
const accented = "e\u0301";
const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const link = (text: string) =>
  `\u001b]8;;https://example.com/a?b=c,d!e\u0007${text}\u001b]8;;\u0007`;

describe("the width of a text", () => {
  test.each([
    ["nothing", "", 0],
    ["ASCII", "ds db", 5],
    ["letters with marks of their own", "Größe, naïve", 12],
    ["combining marks", `caf${accented}`, 4],
    ["Chinese, Japanese", "日本", 4],
    ["Korean in one letter a syllable", "한국", 4],
    ["Korean in several", "\u1112\u1161\u11ab", 2],
    ["halfwidth kana", "ｱｲ", 2],
    ["fullwidth Latin", "ＡＢ", 4],
    ["Thai with vowels above", "กี่", 1],
    ["an emoji", "🙂", 2],
    ["an emoji with a skin tone", "👍🏽", 2],
    ["a family, joined of three", family, 2],
    ["a flag, made of two letters", flag, 2],
    ["a sign that is told to be an emoji", "❤️", 2],
    ["a keycap", "1️⃣", 2],
    ["what joins and is not seen", "a\u200db\u200b", 2],
    ["ambiguous ones, which are narrow", "→§±…─│╭●①", 9],
    ["what a step and a spinner begin with", "✓✗⠋", 3],
    ["colours", red("red"), 3],
    ["colours by number", "\u001b[38;5;200mred\u001b[0m", 3],
    ["a link", link("here"), 4],
    ["wide text in a colour in a link", link(red(`日本${family}`)), 6],
  ])("%s", (_, text, expected) => {
    expect(textWidth(text)).toBe(expected);
  });

  test("what is measured without the library takes one column a letter, whatever stands beside it", () => {
    const letters = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code));
    const measured = letters.filter(isNarrow);
    expect(measured.length).toBeGreaterThan(1000);
    expect(stringWidth(measured.join(""))).toBe(measured.length);
    expect([...graphemes(`日${measured.join("")}`)]).toHaveLength(1 + measured.length);
  });
});

test("one of many characters is one grapheme", () => {
  expect([...graphemes(`a${family}${accented}${flag}日`)]).toEqual([
    "a",
    family,
    accented,
    flag,
    "日",
  ]);
  expect([...graphemes("plain…")]).toEqual([..."plain…"]);
});

describe("a cut text", () => {
  test.each([
    ["what fits stays", "short", 5, "short"],
    ["a sign says that there was more", "longer", 5, "long…"],
    ["wide letters that fit", "日本語", 6, "日本語"],
    ["no half of a wide letter", "日本語", 5, "日本…"],
    ["a column stays free rather", "日本語", 4, "日…"],
    ["no half of an emoji", "🙂🙂", 3, "🙂…"],
    ["no part of a family", `${family}${family}`, 3, `${family}…`],
    ["no half of a flag", `a${flag}${flag}`, 4, `a${flag}…`],
    ["no letter without its accent", `caf${accented}s`, 4, `caf…`],
    ["an accent at the very end", `caf${accented}`, 4, `caf${accented}`],
    ["only the sign", "日本", 1, "…"],
    ["nothing", "abc", 0, ""],
    ["a colour ends where it did", red("longer"), 5, red("long…")],
    ["a colour that begins behind the cut", `longer${red("x")}`, 5, "long…\u001b[31m\u001b[39m"],
    ["a link still ends", link("日本語"), 5, link("日本…")],
  ])("%s: %j in %i columns", (_, text, columns, expected) => {
    expect(cutToWidth(text, columns)).toBe(expected);
  });

  test("another sign, or none", () => {
    expect(cutToWidth("longer", 5, "..")).toBe("lon..");
    expect(cutToWidth("日本語", 5, "")).toBe("日本");
    expect(cutToWidth("longer", 1, "...")).toBe("");
  });

  test("is never wider than asked, and never ends within a grapheme", () => {
    const text = `${red(`日${family}`)} caf${accented} ${flag} ${link("→ 한국")} x`;
    const whole = [...graphemes(text)];
    for (let columns = 0; columns <= textWidth(text); columns += 1) {
      const cut = cutToWidth(text, columns);
      expect(textWidth(cut)).toBeLessThanOrEqual(columns);
      for (const grapheme of graphemes(cut.replace("…", ""))) expect(whole).toContain(grapheme);
    }
    expect(cutToWidth(text, textWidth(text))).toBe(text);
  });

  test("of megabytes only the beginning is looked at", () => {
    const started = process.cpuUsage();
    expect(cutToWidth("日本".repeat(2_000_000), 5)).toBe("日本…");
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });
});

test.each([
  ["ab", "left", "ab  "],
  ["ab", "right", "  ab"],
  ["日", "left", "日  "],
  [red("日"), "right", `  ${red("日")}`],
  [family, "left", `${family}  `],
  ["longer", "left", "longer"],
] as const)("%j with blanks to the %s", (text, side, expected) => {
  expect(padToWidth(text, 4, side)).toBe(expected);
});

test.each([
  ["one two three", 7, ["one two", "three"]],
  ["日本語 日本", 6, ["日本語", "日本"]],
  ["日本語", 5, ["日本", "語"]],
  [`${family}${family}`, 3, [family, family]],
  [`${accented.repeat(5)}`, 2, [accented.repeat(2), accented.repeat(2), accented]],
  ["日", 1, ["日"]],
])("%j broken at %i columns", (text, columns, expected) => {
  expect(wrapToWidth(text, columns)).toEqual(expected);
});
