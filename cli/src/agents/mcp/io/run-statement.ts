import type { Client, CustomTypesConfig, FieldDef } from "pg";
import type Cursor from "pg-cursor";
import { DsError } from "../../../errors/ds-error.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import { type Cell, cellOf, RowBudget } from "../rows.ts";

/** What one row, and what comes with it in one go, may be: it is held in memory before anything can be cut. */
const longestBatch = 64 * 1024 * 1024;
const rowsAtOnce = 50;

export interface StatementOutcome {
  columns: string[];
  budget: RowBudget;
  /** The server's word for what it did; undefined where it was stopped before its end. */
  command: string | undefined;
  affected: number | undefined;
}

const types = {
  getTypeParser: (typeId: number) => (text: string) => cellOf(text, typeId),
} as unknown as CustomTypesConfig;

/**
 * Runs one statement by the extended protocol, which takes no second one, and fetches no more of its rows than are wanted:
 * the server makes no more, and memory stays as it is however many there would be.
 */
export async function runStatement(
  client: Client,
  sql: string,
  mostRows: number,
): Promise<StatementOutcome> {
  const { default: PgCursor } = await import("pg-cursor");
  const budget = new RowBudget(mostRows);
  const guard = guardMemory(client);
  const cursor = client.query(new PgCursor<Cell[]>(sql, [], { rowMode: "array", types }));
  let last: { fields: FieldDef[]; command?: string; rowCount?: number | null } | undefined;
  try {
    for (;;) {
      const batch = Math.min(budget.wanted, rowsAtOnce);
      guard.begin();
      const { rows, result } = await read(cursor, batch).catch((error) => {
        throw guard.problem() ?? error;
      });
      last = result;
      for (const row of rows) budget.add(row);
      if (rows.length < batch || budget.cut) break;
    }
  } finally {
    guard.end();
  }
  const isWhole = budget.cut === undefined;
  await cursor.close();
  return {
    columns: last?.fields.map(({ name }) => name) ?? [],
    budget,
    command: isWhole ? (last?.command ?? undefined) : undefined,
    affected: isWhole ? (last?.rowCount ?? undefined) : undefined,
  };
}

interface Batch {
  rows: Cell[][];
  result: { fields: FieldDef[]; command?: string; rowCount?: number | null };
}

const read = (cursor: Cursor<Cell[]>, count: number) =>
  new Promise<Batch>((resolve, reject) => {
    cursor.read(count, (error, rows, result) => {
      if (error) reject(error);
      else resolve({ rows, result });
    });
  });

/** Ends the connection when one batch grows beyond all bounds. */
function guardMemory(client: Client) {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.ReadableStream } })
    .connection;
  let bytes = 0;
  let problem: DsError | undefined;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= longestBatch || problem) return;
    problem = new DsError("USAGE", "a row is too large to be read", {
      reason: "RESULT_TOO_LARGE",
      hint: "Read a part of it with substring(), or name fewer columns.",
    });
    (stream as unknown as { destroy(error: Error): void }).destroy(problem);
  };
  stream.on("data", count);
  return {
    begin: () => {
      bytes = 0;
    },
    problem: () => problem,
    end: () => stream.removeListener("data", count),
  };
}

/** Ends what a session runs, by another one: its own is busy. */
export async function cancelSession(url: string, what: string, pid: number): Promise<void> {
  const other = await connectPostgres(url, { what, applicationName: "ds mcp", timeoutMs: 5_000 });
  try {
    await other.query("select pg_cancel_backend($1)", [pid]);
  } finally {
    await other.end().catch(() => {});
  }
}
