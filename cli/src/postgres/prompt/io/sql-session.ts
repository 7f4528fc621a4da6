import type { EventEmitter } from "node:events";
import type { Client, CustomTypesConfig, QueryArrayResult } from "pg";
import { connectPostgres } from "../../io/connect.ts";
import type { StatementResult } from "../result-text.ts";

/** What the driver has and its types do not. */
interface DriverInside {
  readonly connection: EventEmitter;
  getTransactionStatus(): string | null;
}

/** Values stay as the server writes them. */
const asText = { getTypeParser: () => (value: string) => value } as unknown as CustomTypesConfig;

/** One connection on which a person's statements run. */
export class SqlSession {
  readonly #client: Client;
  readonly #url: string;
  readonly #what: string;
  /** The server's own word: at the log-in a proxy may have told a number of its own. */
  readonly #pid: number;
  #tags: string[] = [];

  private constructor(
    client: Client,
    { url, what, pid }: { url: string; what: string; pid: number },
  ) {
    this.#client = client;
    this.#url = url;
    this.#what = what;
    this.#pid = pid;
    this.#inside.connection.on("commandComplete", ({ text }: { text: string }) => {
      this.#tags.push(text);
    });
  }

  static async open(url: string, what: string): Promise<SqlSession> {
    const client = await connectPostgres(url, { what, applicationName: "ds db connect" });
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() pid");
    return new SqlSession(client, { url, what, pid: rows[0]?.pid ?? 0 });
  }

  get #inside(): DriverInside {
    return this.#client as unknown as DriverInside;
  }

  get database(): string {
    return this.#client.database ?? "";
  }

  /** `I`: none, `T`: within a transaction, `E`: within a failed one. */
  get transaction(): string {
    return this.#inside.getTransactionStatus() ?? "I";
  }

  onNotice(tell: (severity: string, message: string) => void): void {
    this.#client.on("notice", ({ severity, message }) => tell(severity ?? "NOTICE", message ?? ""));
  }

  onLost(tell: (error: Error) => void): void {
    this.#client.on("error", tell);
  }

  /** One result a statement of the text, which is sent as one message. */
  async run(sql: string): Promise<StatementResult[]> {
    this.#tags = [];
    const found = await this.queryArrays(sql);
    const results = Array.isArray(found) ? found : [found];
    return results.map(({ fields, rows }, at) => ({
      tag: this.#tags[at] ?? "",
      fields: fields ?? [],
      rows,
    }));
  }

  queryArrays(
    text: string,
  ): Promise<QueryArrayResult<(string | null)[]> | QueryArrayResult<(string | null)[]>[]> {
    return this.#client.query<(string | null)[]>({ text, rowMode: "array", types: asText });
  }

  /** Ends the statement that runs, as Ctrl-C does in psql. */
  async cancel(): Promise<void> {
    const other = await connectPostgres(this.#url, { what: this.#what });
    try {
      await other.query("select pg_cancel_backend($1)", [this.#pid]);
    } finally {
      await other.end().catch(() => {});
    }
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {});
  }
}
