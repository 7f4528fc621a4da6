import pg from "pg";

/** Runs one statement over a connection of its own and returns its rows. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 20_000 });
  client.on("error", () => {}); // Ended by the server: the query itself says so.
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The number that `select count(*) from <from>` gives. */
export async function count(url: string, from: string): Promise<number> {
  const [row] = await query<{ n: string }>(url, `select count(*) as n from ${from}`);
  return Number(row?.n);
}
