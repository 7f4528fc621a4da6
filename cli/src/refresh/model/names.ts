import { quoteIdentifier, quoteQualified } from "../../postgres/quote.ts";
import type { TableName } from "./catalogue.ts";

export const sqlName = ({ schema, name }: TableName): string => quoteQualified(schema, name);

/** `users`, or `audit.events` outside of `public`: as rules and people name it. */
export const shownName = ({ schema, name }: TableName): string =>
  schema === "public" ? shownPart(name) : `${shownPart(schema)}.${shownPart(name)}`;

export const shownColumn = (table: TableName, column: string): string =>
  `${shownName(table)}.${shownPart(column)}`;

/** Quoted as in SQL where it would be read as something else. */
export const shownPart = (name: string): string =>
  /[.*",]|^\s|\s$/.test(name) ? quoteIdentifier(name) : name;

export const isQuoted = (part: string): boolean => /^"(?:[^"]|"")+"$/.test(part);

/** The name that a part stands for. */
export const nameOf = (part: string): string =>
  isQuoted(part) ? part.slice(1, -1).replaceAll('""', '"') : part;

/** A name as a key in the configuration. */
export const keyText = (name: string): string =>
  /["]/.test(name) && !/['\\]/.test(name) ? `'${name}'` : JSON.stringify(name);

export const sameTable = (one: TableName, other: TableName): boolean =>
  one.schema === other.schema && one.name === other.name;
