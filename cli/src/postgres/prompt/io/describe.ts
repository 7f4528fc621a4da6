import type { SqlSession } from "./sql-session.ts";

/** psql's `\d` family, with the library that has psql's own code for it; loaded when first asked for. */
export async function describeInto(
  session: SqlSession,
  command: string,
  show: (text: string) => void,
): Promise<void> {
  const { describe, describeDataToString } = await import("psql-describe");
  const ask = (sql: string) => session.queryArrays(sql);
  const shown = (item: Parameters<typeof describeDataToString>[0]) =>
    show(describeDataToString(item).trimEnd());
  await describe(command, session.database, ask, shown).promise;
}
