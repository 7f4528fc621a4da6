import type { Client } from "pg";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connectPostgres(url, { what: "the test" });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
