import pg from "pg";
import type { Statement } from "../request.ts";
import { Refusal } from "../target.ts";
import { jsonText } from "../values.ts";

/** Neon's own limit on the rows of an answer. */
const largestAnswer = 10 * 1024 * 1024;

export interface OutputOptions {
  /** Values as Postgres' text, for clients that parse types themselves, as the driver does. */
  rawText: boolean;
  arrayMode: boolean;
}

interface Column {
  name: string;
  tableID: number;
  columnID: number;
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
}

type Row = (string | null)[];

/** Runs statements on one connection; their answers together may not grow over the limit. */
export class StatementRunner {
  readonly #client: pg.Client;
  readonly #options: OutputOptions;
  #bytes = 0;

  constructor(client: pg.Client, options: OutputOptions) {
    this.#client = client;
    this.#options = options;
  }

  /**
   * Runs one statement by the extended protocol (so it is one statement, never several) and returns
   * its result as JSON text. Rejects with Postgres' error, or with Refusal 507 when the rows are too
   * many; the connection is of no use after that.
   */
  run(statement: Statement): Promise<string> {
    const arrayMode = statement.arrayMode ?? this.#options.arrayMode;
    const rows: string[] = [];
    return new Promise((resolve, reject) => {
      const query = new pg.Query<Row>(extendedQuery(statement));
      query.on("row", (row, result) => {
        const json = this.#rowJson(row, (result?.fields ?? []) as Column[], arrayMode);
        this.#bytes += Buffer.byteLength(json) + 1;
        if (this.#bytes <= largestAnswer) rows.push(json);
        else reject(tooLarge());
      });
      query.on("error", reject);
      query.on("end", ({ command, rowCount, fields }) => {
        const head = JSON.stringify({
          // An empty statement has no command.
          command: command ?? "",
          rowCount: rowCount ?? null,
          rowAsArray: arrayMode,
          fields: (fields as Column[]).map(fieldOf),
        });
        resolve(`${head.slice(0, -1)},"rows":[${rows.join(",")}]}`);
      });
      this.#client.query(query);
    });
  }

  #rowJson(row: Row, columns: Column[], arrayMode: boolean): string {
    const values = row.map((value, index) =>
      this.#options.rawText
        ? JSON.stringify(value)
        : jsonText(value, columns[index]?.dataTypeID ?? 0),
    );
    if (arrayMode) return `[${values.join(",")}]`;
    // Of columns with the same name the last one counts, as in an object.
    const byName = new Map(columns.map(({ name }, index) => [name, values[index]]));
    return `{${[...byName].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`;
  }
}

function extendedQuery({ text, parameters }: Statement) {
  return {
    text,
    values: parameters,
    rowMode: "array",
    queryMode: "extended",
    types: { getTypeParser: () => (value: string) => value },
  };
}

function fieldOf({ name, tableID, columnID, dataTypeID, dataTypeSize, dataTypeModifier }: Column) {
  const format = "text";
  return { name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier, format };
}

function tooLarge(): Refusal {
  return new Refusal(
    `response is too large (max is ${largestAnswer} bytes): ask for fewer rows at a time, or use a WebSocket, which has no limit`,
    507,
  );
}
