export interface Place {
  /** Both count from 1; columns count characters, not bytes. */
  line: number;
  column: number;
  /** The whole line, without its end. */
  text: string;
}

/** The place of an offset that is given in UTF-16 units. */
export function placeOf(sql: string, offset: number): Place {
  const before = sql.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const lineEnd = sql.indexOf("\n", offset);
  const text = sql.slice(lineStart, lineEnd === -1 ? sql.length : lineEnd).replace(/\r$/, "");
  return {
    line: before.split("\n").length,
    column: [...before.slice(lineStart)].length + 1,
    text,
  };
}

/** Postgres counts characters from 1; JavaScript counts UTF-16 units from 0. */
export function offsetOfCharacter(sql: string, character: number): number {
  let offset = 0;
  for (let seen = 1; seen < character && offset < sql.length; seen += 1) {
    offset += (sql.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
