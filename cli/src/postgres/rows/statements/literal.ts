import type { Value } from "../differing.ts";

// SQL that is run somewhere else. It is also looked at, in a terminal or a build's log: what would act there is written
// as an escape, so that the text is harmless and yet what it was. No value has a line break of its own.

const characters =
  "\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\\\";
const active = new RegExp(`[${characters}]|##\\[`, "g");
const hasActive = new RegExp(active.source);

/** A value as an SQL literal, by its text form. */
export function valueLiteral(value: Value): string {
  if (value === null) return "null";
  const body = value.replaceAll("'", "''");
  return hasActive.test(body) ? `E'${body.replace(active, escaped)}'` : `'${body}'`;
}

/** A name as an SQL identifier. */
export function nameSql(name: string): string {
  const body = name.replaceAll('"', '""');
  if (!hasActive.test(body)) return `"${body}"`;
  return `U&"${body.replace(active, (found) => (found === "\\" ? "\\\\" : found.replace(/^[^\\]/, unicode)))}"`;
}

export const tableSql = ({ schema, name }: { schema: string; name: string }): string =>
  `${nameSql(schema)}.${nameSql(name)}`;

/** For a comment: a name may have lines. */
export const commentText = (text: string): string =>
  text.replace(active, (found) => (found === "\\" ? found : escaped(found)));

const short: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** GitHub's runner takes `##[` for a command. */
function escaped(found: string): string {
  if (found === "##[") return "\\x23#[";
  const code = found.charCodeAt(0);
  const hex = code.toString(16);
  return (
    short[found] ?? (code < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`)
  );
}

const unicode = (character: string): string =>
  `\\${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
