import type { Client } from "pg";
import { shownColumn, shownName } from "../../model/names.ts";
import { isTaken, type RefreshPlan, type TablePlan } from "../../model/plan.ts";
import type { Problem } from "../../model/problem.ts";
import { saidOf, serverFailure } from "../../model/server-failure.ts";
import { readSql, selectSql } from "../copy-sql.ts";
import { PlanRefused } from "../problems.ts";

/**
 * Has the source plan every SELECT that is to be copied, so that SQL of the rules that cannot work is found
 * before a row is read. The session is in a transaction, with the settings that masks and filters need.
 */
export async function requireSelects(source: Client, plan: RefreshPlan): Promise<void> {
  const problems: Problem[] = [];
  const blamed = new Set<string>();
  await source.query("savepoint ds_planned");
  for (const table of plan.tables.filter((each) => isTaken(each.class))) {
    const select = readSql({ plan: table, pages: undefined, bytes: 0 });
    if (await isPlanned(source, select)) continue;
    const failure = await failureOf(source, select);
    if (failure === undefined) continue;
    const found = await blame(source, table, blamed);
    if (found === undefined)
      throw serverFailure(failure.error, `reading ${shownName(table.table)}`);
    problems.push(...found);
  }
  if (problems.length > 0) throw new PlanRefused(problems);
}

/**
 * The rules without which the table could be read; undefined where it is none of them.
 *
 * @param blamed tables whose own condition fails: it is in the conditions of those that belong through them
 */
async function blame(
  source: Client,
  table: TablePlan,
  blamed: Set<string>,
): Promise<Problem[] | undefined> {
  const name = shownName(table.table);
  if ((await failureOf(source, selectSql({ ...table, columns: [] }, []))) !== undefined)
    return undefined;
  const problems: Problem[] = [];
  for (const column of table.columns) {
    const failure = await failureOf(source, selectSql({ ...table, columns: [column] }, []));
    if (failure === undefined) continue;
    if (column.rule === undefined) return undefined;
    problems.push({
      kind: "rules",
      subject: shownColumn(table.table, column.name),
      reason: {
        code: "MASK_FAILS",
        mask: column.mask ?? "",
        rule: column.rule,
        said: failure.said,
      },
    });
  }
  const through = table.path.slice(1).some((parent) => blamed.has(parent));
  const { filter } = table;
  const failure =
    filter === undefined
      ? undefined
      : await failureOf(source, selectSql({ ...table, columns: [] }, [`(${filter})`]));
  if (failure !== undefined) {
    blamed.add(name);
    if (through) return problems;
    const reason = { code: "FILTER_FAILS" as const, said: failure.said };
    problems.push({ kind: "rules", subject: `tables: ${name}`, reason });
  }
  return problems.length === 0 ? undefined : problems;
}

interface Failure {
  error: unknown;
  /** Postgres' sentence, without any value of production. */
  said: string;
}

/** One message to the server, as there are many tables and most of them are sound. The savepoint is there. */
const isPlanned = (source: Client, select: string): Promise<boolean> =>
  source
    .query(`explain ${select}`)
    .then(() => true)
    .catch(async () => {
      await source.query("rollback to savepoint ds_planned");
      return false;
    });

/** Why the source cannot carry the statement out, as far as it knows without doing it. */
export async function failureOf(
  source: Pick<Client, "query">,
  select: string,
): Promise<Failure | undefined> {
  // Reading a statement looks at no row and no statistics: what is said then can have no value in it.
  return (
    (await attempt(source, `prepare ds_select as ${select}`, "deallocate ds_select", messageOf)) ??
    (await attempt(source, `explain ${select}`, undefined, (error) => saidOf(error as Error)))
  );
}

const messageOf = (error: unknown): string => (error as Error).message;

/** Nothing is left of it, whether it works or not: an error does not end the transaction. */
async function attempt(
  source: Pick<Client, "query">,
  statement: string,
  after: string | undefined,
  saidOf: (error: unknown) => string,
): Promise<Failure | undefined> {
  await source.query("savepoint ds_attempt");
  try {
    await source.query(statement);
    if (after !== undefined) await source.query(after);
    return undefined;
  } catch (error) {
    await source.query("rollback to savepoint ds_attempt");
    return { error, said: saidOf(error) };
  } finally {
    await source.query("release savepoint ds_attempt");
  }
}
