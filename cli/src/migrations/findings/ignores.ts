/** `-- ds:ignore <rule> <reason>` above a statement. */
export interface Ignore {
  rule: string;
  /** Empty where none is given: it silences nothing then. */
  reason: string;
  /** Offset of the comment, in UTF-16 units. */
  at: number;
}

/** @param from where the statement before it ends */
export function ignoresBefore(sql: string, from: number, statement: number): Ignore[] {
  const text = sql.slice(from, statement);
  return [...text.matchAll(/^[ \t]*--[ \t]*ds:ignore\b[ \t]*(\S*)[ \t]*(.*?)[ \t]*\r?$/gm)].map(
    (match) => ({
      rule: match[1] ?? "",
      reason: match[2] ?? "",
      at: from + match.index + (match[0].length - match[0].trimStart().length),
    }),
  );
}
