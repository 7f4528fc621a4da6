import { tokenAt } from "../../postgres/sql-token.ts";

/** Drizzle splits a file at this text, and sends what is between by itself. */
export const breakpoint = "--> statement-breakpoint";

/** A part of a migration's text that is sent as one message. */
export interface Part {
  /** Offset in the whole, in UTF-16 units. */
  start: number;
  text: string;
}

export interface Pieces {
  pieces: Part[];
  /**
   * Offsets of breakpoints in a string, dollar quote, quoted name or block comment. They split nothing: Drizzle
   * splits there too, and what it sends is then never closed, so that no file can have been applied that way.
   */
  enclosed: number[];
}

/** The texts between breakpoints, as Drizzle sends them: also within a line, and within a comment to its end. */
export function splitPieces(sql: string): Pieces {
  const pieces: Part[] = [];
  const enclosed: number[] = [];
  let start = 0;
  let next = sql.indexOf(breakpoint);
  for (let at = 0; next !== -1; ) {
    const { kind, end } = tokenAt(sql, at);
    if (end <= next) {
      at = end;
    } else if (kind === "comment" && sql.startsWith("--", at)) {
      pieces.push({ start, text: sql.slice(start, next) });
      start = next + breakpoint.length;
      at = start;
      next = sql.indexOf(breakpoint, at);
    } else {
      for (; next !== -1 && next < end; next = sql.indexOf(breakpoint, next + 1)) {
        enclosed.push(next);
      }
      at = end;
    }
  }
  return { pieces: [...pieces, { start, text: sql.slice(start) }], enclosed };
}
