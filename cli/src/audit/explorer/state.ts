import { listed, type Sorting } from "../sorting.ts";
import { failures, nothingYet, type Sources } from "../sources.ts";
import type { Judged } from "../verdict.ts";

/** All that the explorer shows, and nothing of how. */
export interface Explorer {
  size: Size;
  now: number;
  sources: Sources;
  all: Judged[];
  /** Those that match the filter, in order. */
  shown: Judged[];
  /** Id of the row that the cursor is on. */
  cursor: string | undefined;
  /** A person has moved it: it stays with its row. Until then it is on the first one. */
  moved: boolean;
  /** Number of rows scrolled away above. */
  top: number;
  sorting: Sorting;
  filter: string;
  /** The filter is being typed. */
  typing: boolean;
  marks: ReadonlySet<string>;
  panel: Panel | undefined;
  /** What is being done right now. */
  work: string | undefined;
  notice: Notice | undefined;
}

export interface Size {
  columns: number;
  rows: number;
}

export interface Notice {
  tone: "plain" | "good" | "bad";
  text: string;
}

export type Panel = { is: "help" } | { is: "details"; id: string; top: number } | Dialog;

/** The question before a deletion. */
export interface Dialog {
  is: "dialog";
  /** As they were when the question was asked: what is deleted is what was shown. */
  items: Judged[];
  choice: "cancel" | "delete";
  /** What has been typed so far, where the name has to be. */
  typed: string | undefined;
}

/** What a key asks for that the state alone cannot do. */
export type Intent = { is: "quit" } | { is: "interrupt" } | { is: "refresh" } | DeleteIntent;

interface DeleteIntent {
  is: "delete";
  items: Judged[];
}

export const smallest: Size = { columns: 40, rows: 12 };

export function initialState(size: Size, now: number): Explorer {
  return {
    size,
    now,
    sources: nothingYet,
    all: [],
    shown: [],
    cursor: undefined,
    moved: false,
    top: 0,
    sorting: { by: "verdict", reversed: false },
    filter: "",
    typing: false,
    marks: new Set(),
    panel: undefined,
    work: undefined,
    notice: undefined,
  };
}

/** Failed sources get a line each, as far as there is room for it. */
export const failureLines = (sources: Sources) => failures(sources).slice(0, 3);

/** Lines for the list: all but title, sources, column titles, rule, reason, message and keys. */
export function bodyHeight({ size, sources }: Pick<Explorer, "size" | "sources">): number {
  return Math.max(1, size.rows - 1 - 7 - failureLines(sources).length);
}

/** Position of the cursor in the list; -1 when it is empty. */
export function cursorAt({ shown, cursor }: Explorer): number {
  return shown.findIndex(({ row }) => row.id === cursor);
}

export const selected = (state: Explorer): Judged | undefined => state.shown[cursorAt(state)];

/** The same with its list made anew, the cursor on its row and within sight. */
export function settled(state: Explorer): Explorer {
  const shown = listed(state.all, state.filter, state.sorting, state.now);
  const before = Math.max(0, cursorAt(state));
  const at = shown.findIndex(({ row }) => row.id === state.cursor);
  const next = !state.moved ? 0 : at >= 0 ? at : Math.min(before, shown.length - 1);
  const ids = new Set(state.all.map(({ row }) => row.id));
  const marks = new Set([...state.marks].filter((id) => ids.has(id)));
  return scrolled({ ...state, shown, marks, cursor: shown[next]?.row.id });
}

/** Scrolls as little as it takes to see the cursor. */
export function scrolled(state: Explorer): Explorer {
  const height = bodyHeight(state);
  const at = Math.max(0, cursorAt(state));
  const lowest = Math.max(0, state.shown.length - height);
  const top = Math.min(lowest, Math.max(at - height + 1, Math.min(state.top, at)));
  return { ...state, top };
}

export interface Pressed {
  state: Explorer;
  intent?: Intent;
}
