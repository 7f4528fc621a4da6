import { DsError } from "../../errors/ds-error.ts";
// Written by `npm run json-schemas`.
import schemas from "./schemas.json" with { type: "json" };

/** A JSON Schema, draft 2020-12. */
export interface SchemaDocument {
  $schema: string;
  title: string;
  [keyword: string]: unknown;
}

const all = new Map<string, object>(Object.entries(schemas));

/** The commands that print a document with --json, by their words; `error` is what each prints where it fails. */
export const commandsWithSchema = (): string[] => [...all.keys()];

export function schemaDocument(words: readonly string[]): SchemaDocument {
  const command = words.join(" ").replace(/^ds /, "");
  const schema = all.get(command);
  if (schema === undefined) {
    throw new DsError("USAGE", `no document of \`ds ${command}\` is known`, {
      hint: "The commands that have one: ds schema",
    });
  }
  const title = command === "error" ? "A command that failed" : `ds ${command} --json`;
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, ...schema };
}
