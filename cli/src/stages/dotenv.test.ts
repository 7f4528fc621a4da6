import { describe, expect, test } from "vitest";
import { envNames, readEnvValue, setEnvValues } from "./dotenv.ts";

const url = "postgresql://neondb_owner:npg_abc@localhost:24118/neondb";

describe("setting", () => {
  test.each<[string, string, Record<string, string>, string]>([
    ["an empty file", "", { A: "1" }, "A=1\n"],
    ["a new name goes to the end", "B=2\n", { A: "1" }, "B=2\nA=1\n"],
    ["no line break at the end", "B=2", { A: "1" }, "B=2\nA=1\n"],
    [
      "in place, the rest as it is",
      "# mine\nA=0\n\n  B = 2 # b\n???\n",
      { A: "1" },
      "# mine\nA=1\n\n  B = 2 # b\n???\n",
    ],
    [
      "export, blanks and a comment stay",
      "export  A =  0   # why\n",
      { A: "1" },
      "export  A =  1   # why\n",
    ],
    ["the last of several", "A=1\nA=2\nB=3\n", { A: "9" }, "A=1\nA=9\nB=3\n"],
    ["CRLF", "A=0\r\nB=2\r\n", { A: "1", C: "3" }, "A=1\r\nB=2\r\nC=3\r\n"],
    ["CRLF without a line break at the end", "B=2\r\nC=3", { A: "1" }, "B=2\r\nC=3\r\nA=1\r\n"],
    ["a quoted value", 'A="0"\n', { A: "1" }, "A=1\n"],
    ["a value of several lines", 'A="one\ntwo"\nB=2\n', { A: "1" }, "A=1\nB=2\n"],
    ["a name inside another's value", 'B="\nA=0\n"\nA=5\n', { A: "1" }, 'B="\nA=0\n"\nA=1\n'],
    ["a name that another begins with", "AB=0\n", { A: "1" }, "AB=0\nA=1\n"],
    ["a commented-out name", "#A=0\n", { A: "1" }, "#A=0\nA=1\n"],
    ["a URL stays bare", "", { A: url }, `A=${url}\n`],
    ["what needs quotes gets them", "", { A: "a b#c$d" }, "A='a b#c$d'\n"],
    ["an ampersand would run in a shell", "", { A: "x?a=1&b=2" }, "A='x?a=1&b=2'\n"],
    ["quotes in it", "", { A: "it's" }, `A="it's"\n`],
  ])("%s", (_, before, values, after) => {
    expect(setEnvValues(before, values)).toBe(after);
    for (const [name, value] of Object.entries(values)) {
      expect(readEnvValue(after, name)).toBe(value);
    }
    expect(setEnvValues(after, values)).toBe(after);
  });

  test.each([
    "plain",
    "with space",
    "hash # in it",
    `both ' and "`,
    "line\nbreak\r\n",
    "back\\slash",
    "$dollar `tick`",
    "",
    "é€",
    "='=",
  ])("any value is read back: %j", (value) => {
    const text = setEnvValues("X=1\n", { A: value });
    expect(readEnvValue(text, "A")).toBe(value);
    expect(readEnvValue(text, "X")).toBe("1");
    expect(setEnvValues(text, { A: value })).toBe(text);
  });

  test("a value that is already there in quotes stays in them", () => {
    const text = `A="${url}"\n`;
    expect(setEnvValues(text, { A: url })).toBe(text);
  });
});

describe("reading", () => {
  test.each<[string, string | undefined]>([
    ["A=1 # comment\n", "1"],
    ["A=a#b\n", "a#b"],
    ["A=\n", ""],
    ["A='single $x'\n", "single $x"],
    ['A="two\\nlines"\n', "two\nlines"],
    ["A=1\nA=2\n", "2"],
    ["B=1\n", undefined],
    ['A="never closed\n', '"never closed'],
  ])("%j", (text, value) => expect(readEnvValue(text, "A")).toBe(value));

  test("every name once", () => {
    expect(envNames("A=1\nexport B=2\n# C=3\nA=4\nD='x\nE=5'\n")).toEqual(["A", "B", "D"]);
  });
});
