/** One value of a row; objects become JSON, null becomes SQL NULL. */
export type Value = string | number | null | Date | object;

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
const CHUNK_CHARACTERS = 64 * 1024;

/** A line of COPY's text format, as in the PostgreSQL manual's chapter on COPY. */
export function copyLine(row: readonly Value[]): string {
  return `${row.map(copyField).join("\t")}\n`;
}

function copyField(value: Value): string {
  if (value === null) return "\\N";
  if (typeof value === "number") return String(value);
  const text =
    typeof value === "string"
      ? value
      : value instanceof Date
        ? value.toISOString()
        : JSON.stringify(value);
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] ?? found)
    : text;
}

/** Joins rows to buffers worth a system call; `onRows` hears how many rows each buffer holds. */
export function* copyChunks(
  rows: Iterable<readonly Value[]>,
  onRows: (count: number) => void,
): Generator<Buffer> {
  let text = "";
  let count = 0;
  for (const row of rows) {
    text += copyLine(row);
    count += 1;
    if (text.length < CHUNK_CHARACTERS) continue;
    onRows(count);
    yield Buffer.from(text);
    text = "";
    count = 0;
  }
  if (count === 0) return;
  onRows(count);
  yield Buffer.from(text);
}
