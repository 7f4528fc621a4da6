import { sortKeys } from "../sorting.ts";
import { deletionBlocker, needsTyping } from "../verdict.ts";
import { isCharacter, pressDialog } from "./dialog.ts";
import {
  bodyHeight,
  cursorAt,
  type Explorer,
  type Panel,
  type Pressed,
  scrolled,
  selected,
  settled,
} from "./state.ts";

/**
 * What a key does. `key` is a character, or a name: up, down, left, right, pageup, pagedown, home, end,
 * enter, escape, backspace, tab, ctrl-c, ctrl-d, ctrl-u.
 */
export function press(before: Explorer, key: string): Pressed {
  if (key === "ctrl-c") return { state: before, intent: { is: "interrupt" } };
  // A message has been read once something else is done.
  const state = before.notice ? { ...before, notice: undefined } : before;
  if (state.typing) return { state: typeFilter(state, key) };
  switch (state.panel?.is) {
    case "dialog":
      return pressDialog(state, state.panel, key);
    case "details":
      return pressDetails(state, state.panel, key);
    case "help":
      return { state: closed(state) };
    default:
      return pressList(state, key);
  }
}

const closed = (state: Explorer): Explorer => ({ ...state, panel: undefined });

function pressList(state: Explorer, key: string): Pressed {
  const to = destination(state, key);
  if (to !== undefined) return { state: moveTo(state, to) };
  switch (key) {
    case "q":
      return { state, intent: { is: "quit" } };
    case "escape":
      // First what was set by hand goes, then the program.
      if (state.filter !== "") return { state: settled({ ...state, filter: "" }) };
      if (state.marks.size > 0) return { state: { ...state, marks: new Set() } };
      return { state, intent: { is: "quit" } };
    case "?":
      return { state: { ...state, panel: { is: "help" } } };
    case "/":
      return { state: { ...state, typing: true } };
    case "s":
      return { state: sortedByNext(state) };
    case "S": {
      const { by, reversed } = state.sorting;
      return { state: settled({ ...state, sorting: { by, reversed: !reversed } }) };
    }
    case "R":
      return { state, intent: { is: "refresh" } };
    case "enter":
      return { state: openDetails(state) };
    case " ":
      return { state: mark(state) };
    case "d":
      return { state: askDeletion(state) };
    default:
      return { state };
  }
}

/** Where a key moves the cursor to; undefined for other keys. */
function destination(state: Explorer, key: string): number | undefined {
  const at = cursorAt(state);
  const page = bodyHeight(state);
  const last = state.shown.length - 1;
  const to = new Map([
    ["up", at - 1],
    ["k", at - 1],
    ["down", at + 1],
    ["j", at + 1],
    ["pageup", at - page],
    ["ctrl-u", at - Math.ceil(page / 2)],
    ["pagedown", at + page],
    ["ctrl-d", at + Math.ceil(page / 2)],
    ["home", 0],
    ["g", 0],
    ["end", last],
    ["G", last],
  ]).get(key);
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
}

function moveTo(state: Explorer, at: number): Explorer {
  return scrolled({ ...state, moved: true, cursor: state.shown[at]?.row.id });
}

function sortedByNext(state: Explorer): Explorer {
  const by = sortKeys[(sortKeys.indexOf(state.sorting.by) + 1) % sortKeys.length] ?? "verdict";
  return settled({
    ...state,
    sorting: { by, reversed: false },
    notice: { tone: "plain", text: `sorted by ${by === "used" ? "last use" : by}` },
  });
}

function typeFilter(state: Explorer, key: string): Explorer {
  const filtered = (filter: string) => settled({ ...state, filter, moved: false });
  if (key === "enter") return { ...state, typing: false };
  if (key === "escape") return { ...filtered(""), typing: false };
  if (key === "backspace") {
    if (state.filter === "") return { ...state, typing: false };
    return filtered([...state.filter].slice(0, -1).join(""));
  }
  return isCharacter(key) ? filtered(state.filter + key) : state;
}

function openDetails(state: Explorer): Explorer {
  const row = selected(state)?.row;
  return row ? { ...state, moved: true, panel: { is: "details", id: row.id, top: 0 } } : state;
}

function pressDetails(
  state: Explorer,
  panel: Extract<Panel, { is: "details" }>,
  key: string,
): Pressed {
  const scroll = new Map([
    ["up", -1],
    ["k", -1],
    ["down", 1],
    ["j", 1],
    ["pageup", -10],
    ["pagedown", 10],
  ]).get(key);
  if (scroll !== undefined) {
    const top = Math.max(0, panel.top + scroll);
    return { state: { ...state, panel: { ...panel, top } } };
  }
  if (key === "d") return { state: askDeletion(closed(state), panel.id) };
  if (key === "q" || key === "escape" || key === "enter") return { state: closed(state) };
  return { state };
}

function mark(state: Explorer): Explorer {
  const judged = selected(state);
  if (judged === undefined) return state;
  const { id, name } = judged.row;
  const marks = new Set(state.marks);
  if (!marks.delete(id)) {
    const refusal = deletionBlocker(judged);
    if (refusal !== undefined) return refused(state, `${name} cannot be marked: ${refusal.text}`);
    marks.add(id);
  }
  const next = Math.min(state.shown.length - 1, cursorAt(state) + 1);
  return { ...moveTo(state, next), marks };
}

const refused = (state: Explorer, text: string): Explorer => ({
  ...state,
  notice: { tone: "bad", text },
});

/** Opens the question about the marked rows, or about one; says why not where it may not go. */
function askDeletion(state: Explorer, id?: string): Explorer {
  if (state.work !== undefined) return refused(state, `wait: ${state.work}`);
  const marked = id === undefined ? state.all.filter(({ row }) => state.marks.has(row.id)) : [];
  const one = state.all.find(({ row }) => row.id === (id ?? state.cursor));
  const items = marked.length > 0 ? marked : one ? [one] : [];
  if (items.length === 0) return state;
  for (const item of items) {
    const refusal = deletionBlocker(item);
    if (refusal !== undefined) return refused(state, `${item.row.name} stays: ${refusal.text}`);
    if (items.length > 1 && needsTyping(item)) {
      const text = `${item.row.name} is not certainly stale: take its mark away, and delete it by itself`;
      return refused(state, text);
    }
  }
  const typed = items.some(needsTyping) ? "" : undefined;
  return { ...state, moved: true, panel: { is: "dialog", items, choice: "cancel", typed } };
}
