import { query } from "./database.ts";

/**
 * Rows that tests tell branches apart by, in a table of the sample application that nothing but
 * organizations refers to.
 */
export async function mark(url: string, code: string): Promise<void> {
  const columns = "(code, name, max_members, monthly_price_cents)";
  await query(url, `insert into plans ${columns} values ($1, 'Mark', 1, 1)`, [`mark-${code}`]);
}

export async function marks(url: string): Promise<string[]> {
  const sql = "select substr(code, 6) as code from plans where code like 'mark-%' order by code";
  return (await query<{ code: string }>(url, sql)).map((row) => row.code);
}
