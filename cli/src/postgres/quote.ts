/** A name as an SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL name for a sentence: without the quotes that it does not need. */
export const shownName = (name: string): string => name.replaceAll(/"([a-z_][a-z0-9_$]*)"/g, "$1");

/** `"audit"."events"`. */
export const quoteQualified = (schema: string, name: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** Text as an SQL literal, whatever the server's settings. */
export function quoteLiteral(text: string): string {
  const body = text.replaceAll("'", "''");
  return body.includes("\\") ? `E'${body.replaceAll("\\", "\\\\")}'` : `'${body}'`;
}
