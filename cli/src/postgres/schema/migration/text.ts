import { harmless } from "../../../lib/text/harmless.ts";
import { oneLine } from "../../../lib/text/one-line.ts";

export interface Statement {
  sql: string;
  /** What is to be said before it. */
  remarks: string[];
}

export interface SchemaMigration {
  /** Values of enum types: no transaction may use what it has added itself. */
  apart: string[];
  statements: Statement[];
  /** What cannot be expressed, by its name. */
  refusals: string[];
}

/** With these the statements mean what a dump means by them, whatever the database's own settings. */
const settings = [
  "SET LOCAL client_encoding = 'UTF8'",
  "SET LOCAL standard_conforming_strings = on",
  "SET LOCAL search_path = ''",
  "SET LOCAL check_function_bodies = false",
  "SET LOCAL xmloption = content",
  "SET LOCAL row_security = off",
  "SET LOCAL client_min_messages = warning",
  "SET LOCAL statement_timeout = 0",
];

export const isEmptyMigration = ({ apart, statements }: SchemaMigration): boolean =>
  apart.length + statements.length === 0;

/** What is not in the transaction, which has to be run before it. */
const apartText = ({ apart }: SchemaMigration): string => apart.map((sql) => `${sql};\n`).join("");

export function transactionText({ statements }: SchemaMigration): string {
  if (statements.length === 0) return "";
  const lines = statements.flatMap(({ sql, remarks }) => [
    ...remarks.map((text) => `-- ${comment(text)}`),
    `${sql};`,
  ]);
  return `${["BEGIN;", ...settings.map((sql) => `${sql};`), "", ...lines, "", "COMMIT;"].join("\n")}\n`;
}

/** All of it, to be run as it is. */
export function migrationText(migration: SchemaMigration, title: string): string {
  const { apart } = migration;
  const parts = [
    `-- ${comment(title)}`,
    ...(apart.length > 0
      ? [
          "-- Values of enum types: committed at once, as no transaction may use what it has added itself",
        ]
      : []),
  ];
  const body = [apartText(migration), transactionText(migration)].filter(Boolean).join("\n");
  return `${parts.join("\n")}\n${body}`;
}

/** Names may have lines. */
const comment = (text: string) => harmless(oneLine(text));
