import { type Cells, type ColumnKey, cellsOf, titles } from "../cells.ts";
import type { Sorting } from "../sorting.ts";
import type { Judged, Verdict } from "../verdict.ts";
import type { Signs } from "./capabilities.ts";
import { type Column, columnsFor, gap } from "./columns.ts";
import { fit, type Line, type Span, span, type Tone } from "./spans.ts";
import { bodyHeight, type Explorer } from "./state.ts";

/** Cursor and mark, with a blank behind them. */
const gutter = 3;

export const verdictTones: Record<Verdict, Tone> = {
  stale: "bad",
  "orphan?": "warn",
  unknown: "accent",
  waiting: "dim",
  ok: "good",
  kept: "dim",
};

/** Titles and rows. */
export function listLines(state: Explorer, signs: Signs): Line[] {
  const cells = state.shown.map((judged) => cellsOf(judged, state.now));
  const columns = columnsFor(cells, state.size.columns - gutter - 1);
  const height = bodyHeight(state);
  const lines: Line[] = [titleLine(columns, state.sorting, signs)];
  for (let at = state.top; at < Math.min(state.shown.length, state.top + height); at += 1) {
    const [judged, row] = [state.shown[at], cells[at]];
    if (judged && row) lines.push(rowLine(state, judged, row, columns, signs));
  }
  if (state.shown.length === 0) lines.push({ spans: [span(`   ${emptyText(state)}`, "dim")] });
  while (lines.length < height + 1) lines.push({ spans: [] });
  return lines;
}

function titleLine(columns: Column[], { by, reversed }: Sorting, signs: Signs): Line {
  const text = columns.map(({ key, columns: room, side }) => {
    const sign = reversed ? signs.descending : signs.ascending;
    const title = key === by ? withSign(titles[key], sign, room, side) : titles[key];
    return fit(title, room, signs, side);
  });
  return { spans: [span(" ".repeat(gutter) + text.join(" ".repeat(gap)), "dim")] };
}

/** The sign of sorting where there is room for it. */
function withSign(title: string, sign: string, room: number, side: Column["side"]): string {
  if (title.length + 2 <= room) return side === "left" ? `${title} ${sign}` : `${sign} ${title}`;
  return title.length + 1 <= room ? title + sign : title;
}

function rowLine(
  state: Explorer,
  judged: Judged,
  cells: Cells,
  columns: Column[],
  signs: Signs,
): Line {
  const { id } = judged.row;
  const selected = id === state.cursor;
  const spans: Span[] = [
    span(selected ? signs.cursor : " ", "accent"),
    span(state.marks.has(id) ? signs.mark : " ", "warn"),
  ];
  for (const { key, columns: room, side } of columns) {
    const before = " ".repeat(spans.length === 2 ? 1 : gap);
    spans.push(span(before + fit(cells[key], room, signs, side), toneOf(key, cells, judged)));
  }
  return { spans, selected };
}

function toneOf(key: ColumnKey, cells: Cells, { verdict, row }: Judged): Tone {
  if (key === "verdict") return verdictTones[verdict];
  if (cells[key] === "gone" || cells[key] === "empty") return "warn";
  if (cells[key] === "?") return "accent";
  if (cells[key] === "locked") return "bad";
  if (key === "branch") return verdict === "kept" || !row.audited ? "dim" : "plain";
  return key === "why" || cells[key] === "-" || cells[key] === "..." ? "dim" : "plain";
}

function emptyText({ sources, all, filter }: Explorer): string {
  if (all.length > 0) return `nothing here matches "${filter}"`;
  if (sources.branches.state === "waiting") return "reading the branches";
  if (sources.branches.state === "unknown") return "the branches could not be read; R tries again";
  return "there is nothing here";
}
