import { dropsColumn } from "./dropped-column.ts";
import { parseCommit, placesOf, type RowPlace } from "./log-text.ts";

/** A file of a table's rows, "<database>/<number>", by their oids. */
export type RowFile = string;

export interface RowChanges {
  inserted: number;
  updated: number;
  deleted: number;
}

/** A row of a catalogue: of pg_attribute a column, of pg_namespace a schema. */
interface CatalogRow {
  /** The database's oid. */
  database: string;
  /** Where the row was before the transaction. */
  place: RowPlace;
}

/** A transaction that may have destroyed something. */
export interface LoggedTransaction {
  xid: string;
  /** Its own number and those of its parts. */
  xids: string[];
  at: string;
  /** The position of its first record of rows, where it has any; of its commit otherwise. */
  beginLsn: string;
  /** The record before the commit. */
  lsn: string;
  commitLsn: string;
  files: string[];
  relations: string[];
  columns: CatalogRow[];
  schemas: CatalogRow[];
  /** Their oids. */
  databases: string[];
  /** Oids of databases one of whose catalogues has fewer rows after it than before. */
  definitions: string[];
  /** Files of which it deleted or updated several rows, and how many more were inserted than deleted before, in all. */
  rows: Map<RowFile, RowChanges & { grownBefore: number }>;
}

/** What of a part of the log is to be known, in the order of the log. */
export type LogRow =
  | { kind: "rows"; xid: string; lsn: string; file: RowFile; type: keyof RowChanges; count: number }
  | { kind: "end"; xid: string; lsn: string; prev: string; type: string; text: string }
  | CatalogChange
  | { kind: "database"; xid: string; lsn: string; text: string }
  /** `count`: how many rows of a catalogue were inserted; below zero: deleted. */
  | { kind: "definitions"; xid: string; lsn: string; file: RowFile; count: number };

interface CatalogChange {
  kind: "column" | "schema";
  xid: string;
  lsn: string;
  file: RowFile;
  type: string;
  text: string;
  blocks: string;
  data: Buffer | null;
  page: Buffer | null;
}

interface Open {
  beginLsn: string;
  rows: Map<RowFile, RowChanges>;
  columns: CatalogRow[];
  schemas: CatalogRow[];
  databases: string[];
  /** By how much each catalogue has grown. */
  definitions: Map<RowFile, number>;
  /** Rows of catalogues that it has moved: from where they are now to where they were before it. */
  moved: Map<string, RowPlace>;
}

/** As many transactions that changed rows are kept at most; of the oldest, what they changed is then not known. */
const mostKept = 50_000;

/** Reads a log from its beginning to its end, part by part, and keeps what may have destroyed something. */
export class LogSummary {
  readonly #open = new Map<string, Open>();
  readonly #totals = new Map<RowFile, RowChanges>();
  #kept: LoggedTransaction[] = [];
  #firstCommit: string | undefined;
  readonly #without: ReadonlySet<string>;

  /** @param without numbers of transactions that do not count */
  constructor(without: Iterable<string> = []) {
    this.#without = new Set(without);
  }

  /** Oldest first. */
  get transactions(): readonly LoggedTransaction[] {
    return this.#kept;
  }

  /** What all transactions that were committed have done to the rows of each file. */
  get totals(): ReadonlyMap<RowFile, RowChanges> {
    return this.#totals;
  }

  /** When the first transaction was committed. */
  get firstCommit(): string | undefined {
    return this.#firstCommit;
  }

  /** How many more rows were inserted into the file than deleted from it, up to here. */
  growthOf(file: RowFile): number {
    const { inserted = 0, deleted = 0 } = this.#totals.get(file) ?? {};
    return inserted - deleted;
  }

  add(rows: readonly LogRow[]): void {
    for (const row of rows) this.#addRow(row);
  }

  #addRow(row: LogRow): void {
    switch (row.kind) {
      case "rows": {
        const open = this.#openOf(row.xid, row.lsn);
        addTo(open.rows, row.file, { ...none, [row.type]: row.count });
        return;
      }
      case "column":
      case "schema":
        this.#addCatalogChange(row);
        return;
      case "database": {
        const oid = /(\d+)$/.exec(row.text)?.[1];
        if (oid !== undefined) this.#openOf(row.xid, row.lsn).databases.push(oid);
        return;
      }
      case "definitions": {
        const { definitions } = this.#openOf(row.xid, row.lsn);
        definitions.set(row.file, (definitions.get(row.file) ?? 0) + row.count);
        return;
      }
      case "end":
        this.#end(row);
    }
  }

  #addCatalogChange({ kind, xid, lsn, file, type, text, blocks, data, page }: CatalogChange): void {
    const open = this.#openOf(xid, lsn);
    const { before, after } = placesOf(type, text, blocks);
    const [from] = before;
    if (from === undefined) return;
    const place = open.moved.get(`${file} ${from}`) ?? from;
    for (const to of after) open.moved.set(`${file} ${to}`, place);
    const row = { database: file.split("/")[0] ?? "", place };
    if (kind === "schema") {
      if (type === "DELETE") open.schemas.push(row);
      return;
    }
    const line = Number(/new_off: (\d+)/.exec(text)?.[1]);
    if (dropsColumn(data, page, line)) open.columns.push(row);
  }

  #end({ xid, lsn, prev, type, text }: Extract<LogRow, { kind: "end" }>): void {
    if (type.startsWith("ABORT")) {
      this.#open.delete(xid);
      return;
    }
    if (!type.startsWith("COMMIT")) return;
    const { at, preparedXid, subtransactions, files, relations } = parseCommit(text);
    this.#firstCommit ??= at;
    const own = preparedXid ?? xid;
    const xids = [own, ...subtransactions];
    const parts = xids.flatMap((id) => this.#open.get(id) ?? []);
    for (const id of xids) this.#open.delete(id);
    if (this.#without.has(own)) return;
    const rows = new Map<RowFile, RowChanges>();
    for (const part of parts) for (const [file, changes] of part.rows) addTo(rows, file, changes);
    const several = [...rows].filter(([, { updated, deleted }]) => updated > 1 || deleted > 1);
    const transaction: LoggedTransaction = {
      xid: own,
      xids,
      at,
      beginLsn: parts[0]?.beginLsn ?? lsn,
      lsn: prev,
      commitLsn: lsn,
      files,
      relations,
      columns: parts.flatMap(({ columns }) => columns),
      schemas: parts.flatMap(({ schemas }) => schemas),
      databases: parts.flatMap(({ databases }) => databases),
      definitions: shrunk(parts.map(({ definitions }) => definitions)),
      rows: new Map(
        several.map(([file, changes]) => [file, { ...changes, grownBefore: this.growthOf(file) }]),
      ),
    };
    for (const [file, changes] of rows) addTo(this.#totals, file, changes);
    const { definitions } = transaction;
    if (hasDropped(transaction) || definitions.length > 0 || several.length > 0) {
      this.#keep(transaction);
    }
  }

  #keep(transaction: LoggedTransaction): void {
    this.#kept.push(transaction);
    if (this.#kept.length < 2 * mostKept) return;
    const rest = this.#kept.length - mostKept;
    this.#kept = this.#kept.filter((each, index) => index >= rest || hasDropped(each));
  }

  #openOf(xid: string, lsn: string): Open {
    let open = this.#open.get(xid);
    if (open === undefined) {
      open = {
        beginLsn: lsn,
        rows: new Map(),
        columns: [],
        schemas: [],
        databases: [],
        definitions: new Map(),
        moved: new Map(),
      };
      this.#open.set(xid, open);
    }
    return open;
  }
}

const none: RowChanges = { inserted: 0, updated: 0, deleted: 0 };

function addTo(
  all: Map<RowFile, RowChanges>,
  file: RowFile,
  { inserted, updated, deleted }: RowChanges,
): void {
  const before = all.get(file) ?? none;
  all.set(file, {
    inserted: before.inserted + inserted,
    updated: before.updated + updated,
    deleted: before.deleted + deleted,
  });
}

/** Oids of databases that have catalogues which got smaller in all. */
function shrunk(parts: readonly ReadonlyMap<RowFile, number>[]): string[] {
  const growth = new Map<RowFile, number>();
  for (const part of parts) {
    for (const [file, count] of part) growth.set(file, (growth.get(file) ?? 0) + count);
  }
  const smaller = [...growth].filter(([, count]) => count < 0);
  return [...new Set(smaller.map(([file]) => file.split("/")[0] ?? ""))];
}

/** Whether it did away with more than rows: files, relations, columns, schemas or databases. */
export function hasDropped(transaction: LoggedTransaction): boolean {
  const { files, relations, columns, schemas, databases } = transaction;
  return [files, relations, columns, schemas, databases].some((list) => list.length > 0);
}
