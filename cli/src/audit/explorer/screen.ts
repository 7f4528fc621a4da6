import type { Look, Signs } from "./capabilities.ts";
import { detailLines } from "./draw-details.ts";
import { dialogLines } from "./draw-dialog.ts";
import { footLines, headLines } from "./draw-frame.ts";
import { listLines } from "./draw-list.ts";
import { cutLine, type Line, line, span } from "./spans.ts";
import { bodyHeight, type Explorer, smallest } from "./state.ts";

/** The whole screen, line by line: one fewer than the terminal has, none wider than it is. */
export function screenOf(state: Explorer, project: string, { signs }: Look): Line[] {
  const { columns, rows } = state.size;
  if (columns < smallest.columns || rows < smallest.rows) {
    const text = `ds audit needs ${smallest.columns}x${smallest.rows}`;
    return [cutLine(line(text), Math.max(1, columns - 1), signs)];
  }
  return [
    ...headLines(state, project, signs),
    ...bodyLines(state, signs),
    ...footLines(state, signs),
  ];
}

function bodyLines(state: Explorer, signs: Signs): Line[] {
  const { panel } = state;
  if (panel === undefined) return listLines(state, signs);
  const room = { columns: state.size.columns, rows: bodyHeight(state) + 1 };
  const lines = panelLines();
  while (lines.length < room.rows) lines.push(line());
  return lines.slice(0, room.rows).map((one) => cutLine(one, room.columns - 1, signs));

  function panelLines(): Line[] {
    if (panel?.is === "dialog") return dialogLines(panel, room, signs);
    if (panel?.is !== "details") return helpLines();
    const judged = state.all.find(({ row }) => row.id === panel.id);
    if (judged === undefined) return [line(span(" It is gone.", "dim"))];
    const all = detailLines(judged, state.now, room.columns - 1, signs);
    return all.slice(Math.min(panel.top, Math.max(0, all.length - room.rows)));
  }
}

const help: [string, string][] = [
  ["j k, arrows", "move; with ctrl-d, ctrl-u, page keys by more"],
  ["g G", "to the first, to the last"],
  ["enter", "all that is known of a row, and why"],
  ["/", "filter: words that a row has to show"],
  ["s S", "sort by the next column; reverse"],
  ["space", "mark what may go"],
  ["d", "delete the marked rows, or the one under the cursor; it asks first"],
  ["R", "read everything again"],
  ["q esc", "quit"],
  ["", ""],
  ["stale", "two signals or more, and old enough: it may go"],
  ["orphan?", "one signal: its name has to be typed"],
  ["unknown", "a source did not answer, so it stays"],
  ["kept", "never offered: protected, in use, young, not ours, has children"],
];

const helpLines = (): Line[] => [
  line(span(" Keys and verdicts", "bold")),
  line(),
  ...help.map(([key, text]) => line(span(` ${key.padEnd(13)}`, "accent"), text)),
];
