import type { TableName } from "./catalogue.ts";

/** Identifier as SQL; only names of the catalogue get here. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const sqlName = ({ schema, name }: TableName): string => `${quoted(schema)}.${quoted(name)}`;

/** `users`, or `audit.events` outside of `public`: as rules and people name it. */
export const shownName = ({ schema, name }: TableName): string =>
  schema === "public" ? name : `${schema}.${name}`;

export const shownColumn = (table: TableName, column: string): string =>
  `${shownName(table)}.${column}`;

export const sameTable = (one: TableName, other: TableName): boolean =>
  one.schema === other.schema && one.name === other.name;

/** Text as an SQL literal, whatever the server's settings. */
export function literal(text: string): string {
  const body = text.replaceAll("'", "''");
  return body.includes("\\") ? `E'${body.replaceAll("\\", "\\\\")}'` : `'${body}'`;
}
