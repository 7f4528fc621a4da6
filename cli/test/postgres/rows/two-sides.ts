import type { Client } from "pg";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { type Comparison, compareRows, type Side } from "../../../src/postgres/rows/io/compare.ts";
import { shownTable } from "../../../src/postgres/rows/shape.ts";
import { writeStatements } from "../../../src/postgres/rows/statements/io/write-statements.ts";
import { type RowDocument, rowDocument } from "../../../src/postgres/rows/text.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";

const signal = new AbortController().signal;
const open = (url: string) => connectPostgres(url, { what: "the test's database" });

/** Two databases of one server, in place of a branch and its base. */
export class TwoSides {
  readonly server: PostgresServer;
  readonly urls: { base: string; branch: string };

  private constructor(server: PostgresServer, urls: { base: string; branch: string }) {
    this.server = server;
    this.urls = urls;
  }

  static async start(): Promise<TwoSides> {
    const server = await startPostgres();
    const urls = { base: await server.createDatabase(), branch: await server.createDatabase() };
    return new TwoSides(server, urls);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }

  async withBoth<T>(work: (base: Client, branch: Client) => Promise<T>): Promise<T> {
    const [base, branch] = await Promise.all([open(this.urls.base), open(this.urls.branch)]);
    try {
      return await work(base, branch);
    } finally {
      await Promise.all([base.end(), branch.end()]);
    }
  }

  /** The same schema and rows on both sides, then changes on either. */
  async make(sql: string, changes: { base?: string; branch?: string } = {}): Promise<void> {
    await this.withBoth(async (base, branch) => {
      for (const [client, change] of [
        [base, changes.base],
        [branch, changes.branch],
      ] as const) {
        await client.query(
          "drop schema if exists other cascade; drop owned by current_user cascade",
        );
        await client.query("create schema if not exists public");
        await client.query(`${sql}; ${change ?? ""}`);
      }
    });
  }

  async compare(): Promise<Comparison & { rows: RowDocument[] }> {
    return this.withBoth(async (base, branch) => {
      const rows: RowDocument[] = [];
      const comparison = await compareRows(
        { base, branch },
        {
          isWanted: () => true,
          onRow: (table, change) => rows.push(rowDocument(table, change, { full: true })),
          signal,
        },
      );
      return { ...comparison, rows };
    });
  }

  /** The statements that bring the base's rows to the branch's. */
  async statements(tables?: readonly string[]): Promise<string> {
    const parts: string[] = [];
    await this.withBoth((base, branch) => this.write({ base, branch }, parts, tables));
    return parts.join("");
  }

  private write(sides: Side, parts: string[], tables?: readonly string[]) {
    return writeStatements(sides, {
      isWanted: (table) => tables === undefined || tables.includes(table),
      isWhole: tables === undefined,
      title: "Test",
      remarks: () => [],
      refuse: (why) => {
        throw new Error(why);
      },
      write: async (sql) => void parts.push(sql),
      signal,
    });
  }
}

export const counts = ({ tables }: Comparison) =>
  Object.fromEntries(
    tables.map(({ table, added, removed, changed }) => [
      shownTable(table),
      { added, removed, changed },
    ]),
  );
