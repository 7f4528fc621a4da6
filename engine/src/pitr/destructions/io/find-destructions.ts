import type { PointInTimeRecovery } from "../../io/point-in-time-recovery.ts";
import type { Source } from "../../io/source.ts";
import type {
  Destruction,
  Destructions,
  DestructiveTransaction,
  Loss,
  RowCount,
} from "../destruction.ts";
import { hasDropped, type LoggedTransaction, LogSummary, type RowFile } from "../log-summary.ts";
import {
  beginOfSeries,
  type CatalogBefore,
  changesAllRows,
  destructivePart,
  lossesOf,
  perhapsRewritten,
  type TableBefore,
} from "../losses.ts";
import {
  type Ask,
  askAt,
  catalogFiles,
  countRows,
  databasesOf,
  readCatalogBefore,
  tablesInFiles,
  tablesOf,
} from "./read-catalog.ts";
import { type CatalogFiles, withLogReader } from "./read-log.ts";

/** The state before a series takes a second to make again: after so many the search ends, and says so. */
const mostLooks = 40;

/** Rows of one transaction that are told apart one by one; of more, their number says enough. */
const mostToldApart = 10_000;

/**
 * What was destroyed in a branch as far back as its history goes, the last first: from its log what may have been, and from
 * the branch as it was just before, which is made for it, what it was.
 *
 * @param limit how many to find
 * @throws EngineError 422 NO_HISTORY, LOG_NOT_READABLE
 */
export async function findDestructions(
  recovery: PointInTimeRecovery,
  source: Source,
  limit: number,
): Promise<Destructions> {
  const from = await recovery.beginOfHistory(source);
  const until = await recovery.headOf(source);
  const ask: Ask = (database, work) => source.compute.admin(database, work);
  const databases = await databasesOf(ask);
  const files = await catalogFiles(ask, databases);
  const log = await readLog(ask, { from, until, files });
  const live: TableBefore[] = [];
  for (const database of databases) {
    live.push(...(await ask(database.name, (client) => tablesOf(client, database))));
  }
  const search = new Search({ recovery, source, ask, log, from, live });
  await search.countLive();
  const { found, complete } = await search.run(limit);
  const destructions: Destruction[] = [];
  for (const transactions of found) {
    const since = await writtenSince(ask, { until, files, live }, transactions);
    destructions.push({ transactions: transactions.map(({ told }) => told), since });
  }
  return {
    from: { lsn: from, at: log.firstCommit ?? null },
    until: { lsn: until },
    complete,
    destructions,
  };
}

interface Range {
  from: string;
  until: string;
  files: CatalogFiles;
}

/** @param without numbers of transactions that do not count */
async function readLog(
  ask: Ask,
  { from, until, files }: Range,
  without: readonly string[] = [],
): Promise<LogSummary> {
  const summary = new LogSummary(without);
  await ask("postgres", (client) =>
    withLogReader(client, (reader) => reader.read(from, until, files, (rows) => summary.add(rows))),
  );
  return summary;
}

interface Found {
  logged: LoggedTransaction;
  told: DestructiveTransaction;
  losses: readonly Loss[];
  before: CatalogBefore;
}

interface SearchParts {
  recovery: PointInTimeRecovery;
  source: Source;
  ask: Ask;
  log: LogSummary;
  /** Where it begins. */
  from: string;
  /** Tables as they are now. */
  live: readonly TableBefore[];
}

class Search {
  readonly #parts: SearchParts;
  readonly #counted = new Map<RowFile, RowCount & { grown: number }>();
  #looks = 0;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** Counts the tables of now, as far as any transaction may have changed all their rows. */
  async countLive(): Promise<void> {
    const { ask, log, live } = this.#parts;
    const most = new Map<RowFile, number>();
    for (const { rows } of log.transactions) {
      for (const [file, { deleted, updated, grownBefore }] of rows) {
        const then = Math.max(deleted, updated) + (log.growthOf(file) - grownBefore);
        most.set(file, Math.max(most.get(file) ?? 0, then));
      }
    }
    for (const table of live) {
      const limit = table.file === null ? undefined : most.get(table.file);
      if (table.file === null || limit === undefined) continue;
      const count = await ask(table.database, (client) => countRows(client, table, limit));
      this.#counted.set(table.file, { ...count, grown: log.growthOf(table.file) });
    }
  }

  /** Series of destructive transactions, the last first. */
  async run(limit: number): Promise<{ found: Found[][]; complete: boolean }> {
    const { transactions } = this.#parts.log;
    const isSuspect = (each: LoggedTransaction) =>
      hasDropped(each) || changesAllRows(each, this.#counted);
    const found: Found[][] = [];
    for (let last = transactions.length - 1; last >= 0; ) {
      if (!isSuspect(transactions[last] as LoggedTransaction)) {
        last -= 1;
        continue;
      }
      if (found.length === limit || this.#looks >= mostLooks) return { found, complete: false };
      // A tool may drop constraints, indexes or types one by one before the tables.
      const belongs = (each: LoggedTransaction) => each.definitions.length > 0 || isSuspect(each);
      const first = beginOfSeries(transactions, last, belongs);
      const series = transactions.slice(first, last + 1).filter(belongs);
      const destructive = await this.#judge(series);
      if (destructive.length > 0) found.push(destructive);
      last = first - 1;
    }
    return { found, complete: true };
  }

  async #judge(series: readonly LoggedTransaction[]): Promise<Found[]> {
    const [first] = series;
    if (first === undefined) return [];
    const lsn = await this.#lsnBefore(first);
    const before = await this.#look(lsn, (ask) => readCatalogBefore(ask, series));
    this.#remember(first, before);
    const found: Found[] = [];
    for (const logged of series) {
      const exact = await this.#withExactRows(logged, before);
      const rewritten = await this.#rewrittenBy(exact, before);
      const losses = lossesOf(exact, before, rewritten);
      const own = logged === first ? lsn : await this.#lsnBefore(logged);
      const told = { transaction: logged.xid, at: logged.at, lsn: own, losses };
      found.push({ logged, told, before, losses });
    }
    return destructivePart(found);
  }

  /** What was counted in the state before a series tells of tables that are gone now. */
  #remember({ rows }: LoggedTransaction, { tables, counts }: CatalogBefore): void {
    for (const { id, file } of tables) {
      const count = counts.get(id);
      if (file === null || count === undefined || this.#counted.has(file)) continue;
      const grown = rows.get(file)?.grownBefore ?? this.#parts.log.growthOf(file);
      this.#counted.set(file, { ...count, grown });
    }
  }

  /** Postgres removes a database's files before the commit of the drop: it is whole before the transaction alone. */
  async #lsnBefore(transaction: LoggedTransaction): Promise<string> {
    if (transaction.databases.length === 0) return transaction.lsn;
    return this.#parts.ask("postgres", (client) =>
      withLogReader(client, (reader) => reader.beforeFirst(this.#parts.from, transaction)),
    );
  }

  /** A row that is updated twice counts once, and one that the transaction has made itself not at all. */
  async #withExactRows(
    transaction: LoggedTransaction,
    { tables, counts }: CatalogBefore,
  ): Promise<LoggedTransaction> {
    const rows = new Map(transaction.rows);
    for (const { id, file } of tables) {
      const changes = file === null ? undefined : rows.get(file);
      if (file === null || changes === undefined) continue;
      const there = counts.get(id)?.rows ?? 0;
      if (Math.max(changes.deleted, changes.updated) < there) continue;
      if (changes.deleted + changes.updated > mostToldApart) continue;
      const exact = await this.#parts.ask("postgres", (client) =>
        withLogReader(client, (reader) => reader.rowsChanged(transaction, file)),
      );
      rows.set(file, { ...changes, ...exact });
    }
    return { ...transaction, rows };
  }

  async #rewrittenBy(transaction: LoggedTransaction, before: CatalogBefore): Promise<Set<string>> {
    const { tables, made } = perhapsRewritten(transaction, before);
    if (tables.length === 0) return new Set();
    return this.#look(transaction.commitLsn, (ask) => tablesInFiles(ask, tables, made));
  }

  #look<T>(lsn: string, work: (ask: Ask) => Promise<T>): Promise<T> {
    this.#looks += 1;
    const { recovery, source } = this.#parts;
    return recovery.look(source, { lsn }, (address) => work(askAt(address)));
  }
}

/** What was written to the branch since the first transaction of a series, by others than those. */
async function writtenSince(
  ask: Ask,
  { until, files, live }: { until: string; files: CatalogFiles; live: readonly TableBefore[] },
  series: readonly Found[],
): Promise<Destruction["since"]> {
  const [first] = series;
  if (first === undefined) return { rows: [], tablesCreated: [] };
  const own = series.flatMap(({ logged }) => logged.xids);
  const log = await readLog(ask, { from: first.logged.commitLsn, until, files }, own);
  const known = new Set(first.before.tables.map(({ id }) => id));
  return {
    rows: live.flatMap(({ database, schema, table, file }) => {
      const changes = file === null ? undefined : log.totals.get(file);
      return changes === undefined ? [] : [{ database, schema, table, ...changes }];
    }),
    tablesCreated: live.flatMap(({ id, database, schema, table }) =>
      known.has(id) ? [] : [{ database, schema, table }],
    ),
  };
}
