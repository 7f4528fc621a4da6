import { describe, expect, test } from "vitest";
import { hostile } from "../../../test/deploy/pull-requests/hostile-names.ts";
import { codeOf, outsideOfCode, rendered } from "../../../test/deploy/pull-requests/rendered.ts";
import { code, codeBlock, codeCell, link } from "./markdown.ts";
import { prose, proseCell, withoutValues } from "./prose.ts";

/** Nothing in it that GitHub would make something of. */
function harmlessHtml(markdown: string): void {
  const outside = outsideOfCode(rendered(markdown));
  const text = outside.replace(
    /<\/?(?:p|ul|li|table|thead|tbody|tr|th|td|strong)>|<th [^>]*>/g,
    "",
  );
  expect(text, markdown).not.toMatch(/[@#<]|:\/\/|www\.|deadbeef|GH-|:tada:/);
}

/** As likely as not to mean something to Markdown. */
function randomText(seed: number): string {
  const parts = [
    "`",
    "``",
    "|",
    "\\",
    "@a",
    "<b>",
    "#1",
    "\n",
    " ",
    "x",
    "[",
    "](",
    "http://e",
    "*",
    "&lt;",
    "-",
    "~",
  ];
  let state = seed;
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  return Array.from({ length: 1 + next(9) }, () => parts[next(parts.length)]).join("");
}

const texts = [...hostile, ...Array.from({ length: 400 }, (_, at) => randomText(at + 1))];

test.each(["@octocat", "#1", "https://evil.example", "<img src=x>", "[x](https://evil.example)"])(
  "as text it would do something: %s",
  (text) => {
    expect(() => harmlessHtml(`Table ${text}.`)).toThrow();
  },
);

describe("others' text does nothing", () => {
  test("as code, and it is read as it was", () => {
    for (const text of texts) {
      const markdown = `Table ${code(text)} and ${code(text)}.`;
      harmlessHtml(markdown);
      const [shown] = codeOf(rendered(markdown));
      const plain = text.replace(/\s+/g, " ").trim();
      if (!/\p{C}/u.test(plain)) expect(shown).toBe(plain || "(nothing)");
    }
  });

  test("in a table, whose cells stay as many", () => {
    for (const text of texts) {
      const markdown = `| a | b |\n|---|---|\n| ${codeCell(text)} | ${codeCell(text)} |\n| ${proseCell(text)} | end |`;
      harmlessHtml(markdown);
      const html = rendered(markdown);
      expect(html.match(/<td>/g), markdown).toHaveLength(4);
      expect(html, markdown).toContain("<td>end</td>");
    }
  });

  test("as a block, which ends where it should", () => {
    for (const text of texts) {
      const html = rendered([...codeBlock(text.split("\n"), "diff"), "", "after"].join("\n"));
      expect(html.match(/<pre>/g), text).toHaveLength(1);
      expect(html.endsWith("<p>after</p>"), text).toBe(true);
    }
  });

  test("in a sentence", () => {
    for (const text of texts) {
      harmlessHtml(`- It fails: ${prose(text)}`);
      harmlessHtml(`❌ ${prose(`the table ${text} has rows`)}`);
    }
  });
});

test("plain words stay text, and names become code", () => {
  expect(prose("the column users.email has 3 nulls, e.g. in user_id")).toBe(
    "the column `users.email` has 3 nulls, `e.g`. in `user_id`",
  );
  expect(prose("it's slow (about 1,200 rows)")).toBe("it's slow (about 1,200 rows)");
  expect(prose("1. first")).toBe("`1`. first");
});

test.each([
  ["https://ci-pr-1.preview.example.com", "<https://ci-pr-1.preview.example.com/>"],
  ["http://localhost:3000/a?b=c#d", "<http://localhost:3000/a?b=c#d>"],
  ["https://x.example/a|b`c>d e", "<https://x.example/a%7Cb%60c%3Ed%20e>"],
  ["https://pat:secret@x.example", undefined],
  ["javascript:alert(1)", undefined],
  ["postgres://x.example/db", undefined],
  ["not an address", undefined],
  [undefined, undefined],
])("the link to %s is %s", (address, shown) => {
  expect(link(address)).toBe(shown);
});

test.each([
  [
    'a.sql:1:1, statement 1 of 2: column "x" does not exist (42703)',
    'column "x" does not exist (42703)',
  ],
  [
    'a.sql:1:1, statement 1 of 1: could not create unique index "u" (23505)',
    'unique index "u" (23505)',
  ],
])("messages about objects stay: %s", (text, shown) => {
  expect(withoutValues(text)).toContain(shown);
});

test.each([
  'a.sql:1:1, statement 1 of 2: invalid input syntax for type integer: "alice@example.com" (22P02)',
  "a.sql, at its commit: alice@example.com is not allowed (P0001)",
  "0002_x fails after 0001_y: a.sql:1:1, statement 1 of 2: alice@example.com (22023); 0001_y fails before 0002_x: b.sql:1:1, statement 1 of 1: alice@example.com (22P02)",
])("messages that may quote data do not: %s", (text) => {
  expect(withoutValues(text)).not.toContain("alice");
  expect(withoutValues(text)).toMatch(/\((?:22P02|P0001|22023)\)/);
});
