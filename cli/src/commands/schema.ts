import type { AppContext } from "../app-context.ts";
import { commandsWithSchema, schemaDocument } from "../runtime/documents/schema-of.ts";

/** Prints the JSON Schema of what a command prints with --json; without a command, which there are. */
export default async function schema(
  { output }: AppContext,
  _: unknown,
  ...words: string[]
): Promise<void> {
  if (words.length === 0) {
    output.result({ commands: commandsWithSchema() }, commandsWithSchema().join("\n"));
    return;
  }
  const document = schemaDocument(words);
  output.result(document, JSON.stringify(document, null, 2));
}
