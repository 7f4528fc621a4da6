import { describe, expect, test } from "vitest";
import { none } from "../facts.ts";
import { reason } from "../reason.ts";
import { nothingYet } from "../sources.ts";
import type { Judged, Verdict } from "../verdict.ts";
import { heard, resized, told, working } from "./events.ts";
import { press } from "./keys.ts";
import { bodyHeight, type Explorer, initialState, type Pressed, selected } from "./state.ts";

const now = Date.parse("2026-11-20T12:00:00Z");

function row(name: string, verdict: Verdict = "ok", more: Partial<Judged> = {}): Judged {
  return {
    row: {
      id: `br-${name}`,
      name,
      kind: "cloud",
      stage: name,
      owner: undefined,
      audited: undefined,
      stack: none(""),
      secret: none(""),
      gitBranch: none(""),
      pullRequest: none(""),
      leftovers: [],
      children: [],
      copyOf: undefined,
      runIsOver: false,
      worktreeGone: undefined,
      createdAt: "2026-11-01T00:00:00Z",
    },
    verdict,
    signals: [],
    conflicts: [],
    life: [],
    refusals: verdict === "kept" ? [reason("protected", "it is protected")] : [],
    unknowns: verdict === "unknown" ? [reason("source-failed", "no answer")] : [],
    ...more,
  };
}

const small = [
  row("c", "kept"),
  row("a", "stale"),
  row("e", "unknown"),
  row("b", "stale"),
  row("d", "orphan?"),
];
/** In the order of the default sorting: a b d e c. */
const open = (rows = small, size = { columns: 80, rows: 24 }) =>
  heard(initialState(size, now), nothingYet, rows, now);
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => row(`r${String(n).padStart(3, "0")}`, "stale"));

/** Keys with blanks between them; `space` is one. */
function type(state: Explorer, keys: string): Pressed {
  return keys
    .split(" ")
    .filter(Boolean)
    .reduce<Pressed>((last, key) => press(last.state, key === "space" ? " " : key), { state });
}
const after = (keys: string, state = open()) => type(state, keys).state;
const at = (state: Explorer) => selected(state)?.row.name;

describe("moving", () => {
  test.each([
    ["", "a"],
    ["j", "b"],
    ["down down", "d"],
    ["j j k", "b"],
    ["up", "a"],
    ["G", "c"],
    ["end j", "c"],
    ["G g", "a"],
    ["G home", "a"],
    ["pagedown", "c"],
    ["G pageup", "a"],
    ["ctrl-d", "c"],
    ["G ctrl-u", "a"],
    ["x Z", "a"],
  ])("%s -> %s", (keys, name) => {
    expect(at(after(keys))).toBe(name);
  });

  test("in an empty list nothing breaks", () => {
    for (const key of "j k g G d enter space pagedown s S".split(" ")) {
      const { state, intent } = type(open([]), key);
      expect([at(state), state.panel, intent]).toEqual([undefined, undefined, undefined]);
    }
  });

  test("pages, and the cursor stays in sight", () => {
    const state = open(many(500));
    const height = bodyHeight(state);
    expect(after("pagedown", state)).toMatchObject({
      cursor: `br-r${String(height).padStart(3, "0")}`,
    });
    const last = after("G", state);
    expect([at(last), last.top]).toEqual(["r499", 500 - height]);
    expect(after("k", last).top).toBe(500 - height);
    expect(after("g", last).top).toBe(0);
  });

  test("a terminal that shrinks keeps the cursor in sight; one that grows shows more", () => {
    const state = after("j j j j j j j j j j", open(many(500)));
    const shrunk = resized(state, { columns: 80, rows: 14 });
    expect(shrunk.top + bodyHeight(shrunk)).toBe(11);
    expect(resized(after("G", state), { columns: 200, rows: 50 }).top).toBe(458);
    expect(resized(state, { columns: 10, rows: 2 }).top).toBe(10);
  });
});

describe("rows come and go", () => {
  test("until somebody moves, the cursor is on the first; then it stays with its row", () => {
    const more = [...small, row("0", "stale")];
    expect(at(heard(open(), nothingYet, more, now))).toBe("0");
    expect(at(heard(after("j"), nothingYet, more, now))).toBe("b");
  });

  test("the row under the cursor goes: the next one takes its place, the last its predecessor", () => {
    const without = (name: string) => small.filter((item) => item.row.name !== name);
    expect(at(heard(after("j"), nothingYet, without("b"), now))).toBe("d");
    expect(at(heard(after("G"), nothingYet, without("c"), now))).toBe("e");
  });

  test("marks of rows that are gone go too", () => {
    const state = heard(after("space"), nothingYet, small.slice(2), now);
    expect(state.marks.size).toBe(0);
  });
});

describe("filter and sort", () => {
  const names = (state: Explorer) => state.shown.map((item) => item.row.name).join("");

  test.each([
    ["", "abdec"],
    ["/ s t a l e", "ab"],
    ["/ s t a l e backspace backspace backspace backspace backspace", "abdec"],
    ["/ o r p h enter", "d"],
    ["/ o r p h escape", "abdec"],
    ["/ o r p h enter escape", "abdec"],
    ["/ p r o t", "c"],
    ["/ z z", ""],
    ["/ enter", "abdec"],
    ["s", "abcde"],
    ["S", "cedba"],
    ["s S", "edcba"],
    ["s s s s s s", "abdec"],
  ])("%s -> %s", (keys, expected) => {
    expect(names(after(keys))).toBe(expected);
  });

  test("words may come in any order, and keys are text while one types", () => {
    const state = after("/ l e space s t");
    expect([state.filter, names(state)]).toEqual(["le st", "ab"]);
    expect(after("/ q d j ?")).toMatchObject({ filter: "qdj?", typing: true, panel: undefined });
  });

  test("backspace on an empty filter leaves it", () => {
    expect(after("/ backspace").typing).toBe(false);
  });
});

describe("panels and leaving", () => {
  test.each([
    ["enter", "details"],
    ["enter escape", undefined],
    ["enter q", undefined],
    ["?", "help"],
    ["? x", undefined],
    ["enter j j k", "details"],
    ["enter d", "dialog"],
  ])("%s -> %s", (keys, panel) => {
    expect(after(keys).panel?.is).toBe(panel);
  });

  test.each([
    ["q", "quit"],
    ["escape", "quit"],
    ["ctrl-c", "interrupt"],
    ["/ ctrl-c", "interrupt"],
    ["d ctrl-c", "interrupt"],
    ["R", "refresh"],
    ["space escape", undefined],
    ["/ q", undefined],
    ["enter q", undefined],
  ])("%s: %s", (keys, intent) => {
    expect(type(open(), keys).intent?.is).toBe(intent);
  });
});

describe("deleting", () => {
  const deleted = (keys: string, state = open()) => {
    const { intent } = type(state, keys);
    return intent?.is === "delete" ? intent.items.map((item) => item.row.name) : undefined;
  };

  test.each([
    ["d enter", undefined, "Enter at once"],
    ["d escape", undefined, "escape"],
    ["d n", undefined, "no"],
    ["d right left enter", undefined, "back to Cancel"],
    ["d right enter", ["a"], "chosen"],
    ["d tab enter", ["a"], "chosen with tab"],
    ["d y", undefined, "y only chooses"],
    ["d y enter", ["a"], "y, and Enter"],
    ["space space d y enter", ["a", "b"], "those that are marked"],
    ["space G d y enter", ["a"], "the marked one, wherever the cursor is"],
    ["enter d y enter", ["a"], "from the details"],
    ["j j d y enter", undefined, "one signal alone: y is text"],
    ["j j d right enter", undefined, "one signal alone: choosing is not enough"],
    ["j j d d enter", ["d"], "one signal alone: its name is typed"],
    ["j j d d x enter", undefined, "more than its name"],
    ["j j d d x backspace enter", ["d"], "its name, corrected"],
    ["G d y enter", undefined, "kept"],
    ["j j j d y enter", undefined, "unknown"],
  ] satisfies [string, string[] | undefined, string][])("%s -> %j: %s", (...[keys, names]) => {
    expect(deleted(keys)).toEqual(names);
  });

  test.each([
    ["G d", /^c stays: it is protected$/],
    ["G space", /^c cannot be marked: it is protected$/],
    ["j j j d", /^e stays: not all is known about it: no answer$/],
    ["space j space d", /^d is not certainly stale: take its mark away/],
    ["d enter", /^nothing was deleted$/],
  ])("%s says %s", (keys, text) => {
    expect(after(keys).notice?.text).toMatch(text);
  });

  test("what speaks against it has to be overruled by typing the name", () => {
    const state = open([
      row("a", "stale", { conflicts: [reason("pull-request-open", "pull request #7 is open")] }),
    ]);
    expect(deleted("d y enter", state)).toBeUndefined();
    expect(deleted("d a enter", state)).toEqual(["a"]);
  });

  test("what nothing speaks against is not for the audit to delete", () => {
    expect(after("d", open([row("a")])).notice?.text).toMatch(
      /nothing says that it is stale.*ds deploy down --stage a/,
    );
  });

  test("while one deletion is under way, no other begins", () => {
    const state = after("d", working(open(), "deleting b"));
    expect([state.panel, state.notice?.text]).toEqual([undefined, "wait: deleting b"]);
  });

  test("what is deleted is what was shown, whatever has come in since", () => {
    const asked = after("d y");
    const changed = heard(asked, nothingYet, [row("a", "kept"), ...small.slice(2)], now);
    expect(deleted("enter", changed)).toEqual(["a"]);
    expect(changed.panel).toMatchObject({ items: [{ verdict: "stale" }] });
  });
});

test("a message goes with the next key", () => {
  const state = told(open(), "good", "done");
  expect(after("x", state).notice).toBeUndefined();
});
