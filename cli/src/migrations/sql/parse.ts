import type { Node } from "libpg-query";
import { mayNeedSteps } from "./parsed-statement.ts";
import { type Part, splitPieces } from "./pieces.ts";
import { type Statement, splitStatements } from "./split-statements.ts";
import { type Cut, cutSteps, type ReadStatement, type Step } from "./steps.ts";

export interface CutMigration extends Cut {
  /** Pieces that the parser does not understand, which may be newer than it. They are the server's to judge. */
  unread: Part[];
}

/**
 * How a migration is cut.
 *
 * @param sql as it is sent: without a byte order mark
 */
export async function cutMigration(sql: string): Promise<CutMigration> {
  const statements = splitStatements(sql);
  const cut = cutSteps(sql, statements);
  // The parser takes a tenth of a second to load, which most migrations can do without.
  if (!mayNeedSteps(sql) && cut.steps.length <= 1) return { ...cut, unread: [] };
  const read = await readStatements(sql, statements);
  const unread = new Set(read.flatMap(({ node, piece }) => (node === undefined ? [piece] : [])));
  const { pieces } = splitPieces(sql);
  return { ...cutSteps(sql, read), unread: pieces.filter((_, index) => unread.has(index)) };
}

export async function stepsOf(sql: string): Promise<Step[]> {
  return (await cutMigration(sql)).steps;
}

/** Without a node where Postgres 18's grammar does not accept the text. */
export async function readStatements(
  sql: string,
  statements: readonly Statement[] = splitStatements(sql),
): Promise<ReadStatement[]> {
  const { pieces } = splitPieces(sql);
  const read: ReadStatement[] = [];
  for (const [index, piece] of pieces.entries()) {
    const own = statements.filter((statement) => statement.piece === index);
    const nodes = own.length === 0 ? new Map() : await parse(piece);
    read.push(...own.map((statement) => ({ ...statement, node: nodes.get(statement.start) })));
  }
  return read;
}

/** By where they begin; empty where the parser refuses the text. */
async function parse({ start, text }: Part): Promise<Map<number, Node>> {
  const { hasSqlDetails, parse } = (await import("libpg-query")).default;
  const result = await parse(text).catch((error: unknown) => {
    // Nested deeper than the parser's stack, which is not the server's.
    if (hasSqlDetails(error) || error instanceof RangeError) return undefined;
    throw error;
  });

  // The parser counts bytes.
  const bytes = Buffer.from(text);
  let read = 0;
  let units = start;
  const offsetOf = (byte: number) => {
    units += bytes.toString("utf8", read, byte).length;
    read = byte;
    return units;
  };
  return new Map(
    (result?.stmts ?? []).flatMap(({ stmt, stmt_location: from = 0 }): [number, Node][] =>
      stmt === undefined ? [] : [[offsetOf(from), stmt]],
    ),
  );
}
