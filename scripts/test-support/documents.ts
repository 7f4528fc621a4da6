// Every document that a test has a command print is held against its schema, in which no property is unsaid. What that
// takes is loaded with the first of them: most tests print none.

/**
 * Throws when `ds <args>` has printed a document that is not as its schema says.
 *
 * @param stdout of a command that has ended by itself
 */
export async function checkDocument(args: readonly string[], stdout: string): Promise<void> {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  if (!own.includes("--json") || own.includes("--help") || stdout === "") return;
  const { checkAgainstSchema } = await import("./document-schemas.ts");
  checkAgainstSchema(own, stdout);
}
