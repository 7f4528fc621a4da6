import { describe, expect, test } from "vitest";
import { textWidth, wrapToWidth } from "../../lib/terminal/width.ts";
import { none } from "../facts.ts";
import { reason } from "../reason.ts";
import { nothingYet, type Sources } from "../sources.ts";
import type { Judged, Verdict } from "../verdict.ts";
import { canDraw, lookOf } from "./capabilities.ts";
import { heard, resized, told } from "./events.ts";
import { press } from "./keys.ts";
import { screenOf } from "./screen.ts";
import { cut, fit, widthOf } from "./spans.ts";
import { type Explorer, initialState } from "./state.ts";

const now = Date.parse("2026-11-20T12:00:00Z");
const looks = {
  unicode: lookOf({ LANG: "en_US.UTF-8" }),
  ascii: lookOf({ LANG: "C", NO_COLOR: "1" }),
};

const names = ["dev-phil-x", "dev-日本語-ü", `dev-${"long".repeat(40)}`, "a\u001b[31mb\u202ec"];
const verdicts: Verdict[] = ["stale", "orphan?", "unknown", "kept"];
const rows: Judged[] = names.map((name, at) => ({
  row: {
    id: `br-${at}`,
    name,
    kind: "cloud",
    stage: name,
    owner: name,
    audited: undefined,
    stack: none(name),
    secret: {
      is: "there",
      value: { name, stage: name, changedAt: undefined, deletedAt: undefined },
    },
    gitBranch: { is: "there", value: name },
    pullRequest: none(""),
    leftovers: [{ id: "br-l", name }],
    children: [name],
    copyOf: undefined,
    runIsOver: false,
    worktreeGone: undefined,
    createdAt: "2026-11-01T00:00:00Z",
  },
  verdict: verdicts[at] ?? "ok",
  signals: [{ kind: "no-stack", text: `its stack ${name} is gone` }],
  conflicts: [],
  life: [],
  refusals: at === 3 ? [reason("protected", "it is protected")] : [],
  unknowns: [],
}));
const failing: Sources = {
  ...nothingYet,
  branches: { state: "unknown", why: "nothing answers\nat all", code: "UPSTREAM" as const },
  git: { state: "none" },
};

const sizes = [
  [80, 24],
  [200, 50],
  [40, 12],
  [57, 13],
  [10, 3],
  [1, 1],
] as const;
const situations: [string, string[], Judged[], Sources][] = [
  ["empty", [], [], nothingYet],
  ["rows", [], rows, nothingYet],
  ["failed", [], rows, failing],
  ["details", ["enter"], rows, nothingYet],
  ["details, scrolled far", ["j", "enter", ...Array(40).fill("j")], rows, nothingYet],
  ["help", ["?"], rows, nothingYet],
  ["dialog", ["d"], rows, nothingYet],
  ["dialog to type in", ["j", "d", "x", "y"], rows, nothingYet],
  ["filter", ["/", "d"], rows, nothingYet],
  ["marked, sorted", [" ", "s", "S"], rows, nothingYet],
];

describe.each(Object.entries(looks))("%s", (_, look) => {
  describe.each(sizes)("%ix%i", (columns, lines) => {
    test.each(situations)("%s fits, and shows nothing that would move the cursor", (...given) => {
      const [, keys, all, sources] = given;
      const begun = heard(initialState({ columns: 80, rows: 24 }, now), sources, all, now);
      const pressed = keys.reduce<Explorer>((state, key) => press(state, key).state, begun);
      const screen = screenOf(resized(pressed, { columns, rows: lines }), "shop", look);
      expect(screen.length).toBeLessThan(Math.max(2, lines));
      for (const line of screen) {
        const text = line.spans.map((one) => one.text).join("");
        expect(widthOf(line), text).toBeLessThan(Math.max(2, columns));
        expect(text).not.toMatch(/[\p{Cc}\u202e]/u);
        if (!look.signs.unicode) expect(text).toMatch(/^[\x20-\x7e]*$/);
      }
      if (columns >= 40 && lines >= 12) expect(screen).toHaveLength(lines - 1);
    });
  });
});

test("a message is shown once it is told", () => {
  const state = told(
    heard(initialState({ columns: 80, rows: 24 }, now), nothingYet, rows, now),
    "bad",
    "no!",
  );
  const text = screenOf(state, "shop", looks.unicode).map((line) =>
    line.spans.map((s) => s.text).join(""),
  );
  expect(text.at(-2)).toBe(" no!");
});

describe("text", () => {
  const { signs } = looks.unicode;

  test.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["日本語", 6, "日本語"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["abc", 0, ""],
  ])("%s cut to %i: %s", (text, columns, expected) => {
    expect(cut(text, columns, signs)).toBe(expected);
    expect(textWidth(fit(text, columns, signs))).toBe(columns);
  });

  test.each([
    ["one two three", 7, ["one two", "three"]],
    ["abcdefgh ij", 3, ["abc", "def", "gh", "ij"]],
    ["", 5, [""]],
  ])("%j wrapped at %i", (text, columns, lines) => {
    expect(wrapToWidth(text, columns)).toEqual(lines);
  });
});

test.each([
  [{ LANG: "en_US.UTF-8" }, true, true],
  [{ LANG: "C.utf8" }, true, true],
  [{ LANG: "C" }, false, true],
  [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, false, true],
  [{ LANG: "en_US.UTF-8", TERM: "linux" }, false, true],
  [{}, false, true],
  [{ TERM_PROGRAM: "Apple_Terminal" }, true, true],
  [{ LANG: "C.UTF-8", NO_COLOR: "1" }, true, false],
  [{ LANG: "C.UTF-8", NO_COLOR: "" }, true, true],
])("%j: Unicode %s, colours %s", (env, unicode, colour) => {
  const look = lookOf(env);
  expect([look.signs.unicode, look.colour]).toEqual([unicode, colour]);
});

test.each([
  [{ TERM: "xterm-256color" }, true],
  [{ TERM: "dumb" }, false],
  [{}, false],
  [{ TERM: "xterm", CI: "true" }, false],
])("%j can draw: %s", (env, can) => {
  expect(canDraw(env)).toBe(can);
});
