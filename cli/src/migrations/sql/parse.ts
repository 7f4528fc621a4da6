import { mayNeedSteps, type ParsedStatement } from "./parsed-statement.ts";
import { splitStatements } from "./split-statements.ts";
import { cutSteps, type Step, singleStep } from "./steps.ts";

/**
 * The steps of a migration. What the parser does not understand is one step, and the server's to
 * judge: it reads a text whole before it runs any of it, and it may be newer than the parser.
 *
 * @param sql as it is sent: without a byte order mark
 */
export async function stepsOf(sql: string): Promise<Step[]> {
  const whole = () => singleStep(sql, splitStatements(sql).length);
  // The parser takes a tenth of a second to load, which most migrations can do without.
  if (!mayNeedSteps(sql)) return whole();
  const statements = await parseStatements(sql);
  return statements === undefined || statements.length === 0 ? whole() : cutSteps(sql, statements);
}

/** Undefined where Postgres 18's grammar does not accept the text. */
export async function parseStatements(sql: string): Promise<ParsedStatement[] | undefined> {
  // An empty text is an error to the parser.
  if (splitStatements(sql).length === 0) return [];
  const { hasSqlDetails, parse } = (await import("libpg-query")).default;
  const result = await parse(sql).catch((error: unknown) => {
    // Nested deeper than the parser's stack, which is not the server's.
    if (hasSqlDetails(error) || error instanceof RangeError) return undefined;
    throw error;
  });
  if (result === undefined) return undefined;

  // The parser counts bytes.
  const bytes = Buffer.from(sql);
  let read = 0;
  let units = 0;
  const offsetOf = (byte: number) => {
    units += bytes.toString("utf8", read, byte).length;
    read = byte;
    return units;
  };
  return (result.stmts ?? []).flatMap(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    if (stmt === undefined) return [];
    const start = offsetOf(from);
    return [{ start, end: offsetOf(length ? from + length : bytes.length), node: stmt }];
  });
}
