import { type Environment, isCi } from "../../lib/process/environment.ts";
import { hasCursor, refusesColour, showsUnicode } from "../../lib/terminal/capabilities.ts";

/** What the terminal can show. */
export interface Look {
  colour: boolean;
  signs: Signs;
}

export interface Signs {
  /** Text that is not ASCII may be shown. */
  unicode: boolean;
  cut: string;
  rule: string;
  side: string;
  corners: readonly [string, string, string, string];
  cursor: string;
  mark: string;
  bullet: string;
  caret: string;
  read: string;
  failed: string;
  absent: string;
  waiting: string;
  ascending: string;
  descending: string;
  between: string;
  moves: string;
}

const unicode: Signs = {
  unicode: true,
  cut: "…",
  rule: "─",
  side: "│",
  corners: ["╭", "╮", "╰", "╯"],
  cursor: "❯",
  mark: "●",
  bullet: "•",
  caret: "▏",
  read: "✓",
  failed: "✗",
  absent: "–",
  waiting: "…",
  ascending: "▲",
  descending: "▼",
  between: " · ",
  moves: "↑↓",
};

const ascii: Signs = {
  unicode: false,
  cut: "~",
  rule: "-",
  side: "|",
  corners: ["+", "+", "+", "+"],
  cursor: ">",
  mark: "*",
  bullet: "-",
  caret: "_",
  read: "ok",
  failed: "!!",
  absent: "--",
  waiting: "..",
  ascending: "^",
  descending: "v",
  between: ", ",
  moves: "j/k",
};

export function lookOf(env: Environment): Look {
  return { colour: !refusesColour(env), signs: showsUnicode(env) ? unicode : ascii };
}

/** Whether a screen can be drawn at all, or only lines printed. */
export const canDraw = (env: Environment): boolean => hasCursor(env) && !isCi(env);
