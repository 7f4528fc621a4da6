import type { ToolInput } from "./tools.ts";

// What the tools are as commands of ds. A command of its own sees the configuration and the migrations as they are by now.

export const statusArguments = ({ branches }: ToolInput<"status">): string[][] => [
  ["db", "status"],
  ...(branches ? [["db", "branches"]] : []),
];

/** `--check` keeps a rehearsal from being followed by the real run. */
const migrateFlags = {
  plan: ["--plan"],
  rehearse: ["--check", "--rehearse"],
  apply: [],
} as const satisfies Record<ToolInput<"migrate">["action"], string[]>;

export const migrateArguments = ({ action }: ToolInput<"migrate">): string[] => [
  "db",
  "migrate",
  ...migrateFlags[action],
];

export const resetArguments = ["db", "reset", "--yes"];

export function diffArguments({ sql, rows, table }: ToolInput<"diff">): string[] {
  if (table !== undefined) return ["db", "diff", "--data", table];
  if (rows) return ["db", "diff", "--data"];
  return ["db", "diff", ...(sql ? ["--sql"] : [])];
}

export const undoArguments = ({ destruction }: ToolInput<"undo">): string[] => [
  "db",
  "undo",
  ...(destruction ? ["--to-before-destruction"] : []),
  "--yes",
];
