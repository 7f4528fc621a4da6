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

type Environment = Readonly<Record<string, string | undefined>>;

export function lookOf(env: Environment): Look {
  // An empty NO_COLOR counts as none, as elsewhere in this program.
  return { colour: !env.NO_COLOR, signs: showsUnicode(env) ? unicode : ascii };
}

/** The locale's encoding, by the variables in the order in which the C library takes them. */
function showsUnicode(env: Environment): boolean {
  if (env.TERM === "linux") return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  // Without any locale macOS and Windows still have it.
  return locale === "" ? env.TERM_PROGRAM !== undefined : /utf-?8/i.test(locale);
}

/** Whether a screen can be drawn at all, or only lines printed. */
export const canDraw = (env: Environment): boolean =>
  env.TERM !== "dumb" && env.TERM !== undefined && !env.CI;
