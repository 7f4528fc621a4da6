import type { FolderFormat, Migration, MigrationFolder } from "../folder/migration.ts";

export interface LedgerRow {
  /** Undefined where the row has none, which is not Drizzle's doing. */
  hash: string | undefined;
  /** Milliseconds since 1970. */
  createdAt: number | undefined;
  /** Undefined where the table has no such column, or the row no value in it. */
  name: string | undefined;
}

export interface MigrationStates {
  applied: Migration[];
  /** Not applied, newer than everything in the database. */
  pending: Migration[];
  /** Not applied, but older than something that is. */
  late: Migration[];
  /** Applied, but with other content than the file has now. */
  edited: Migration[];
  /** Rows that no file of this checkout accounts for. */
  unknown: LedgerRow[];
  orphans: string[];
}

type Claim = (migration: Migration, row: LedgerRow) => boolean;

const sameHash: Claim = (migration, row) =>
  row.hash !== undefined && migration.sameContent.includes(row.hash);
const sameWhen: Claim = (migration, row) => migration.when === row.createdAt;

/** Strongest first: a row goes to the first file that claims it, and to one file only. */
const claims: Record<FolderFormat, Claim[]> = {
  v0: [
    (migration, row) => sameHash(migration, row) && sameWhen(migration, row),
    sameHash,
    sameWhen,
  ],
  v1: [
    (migration, row) => row.name?.normalize() === migration.ledgerName.normalize(),
    sameHash,
    // A row with another name is another migration, even one of the same second.
    (migration, row) => row.name === undefined && second(row.createdAt) === second(migration.when),
  ],
};

/** Which row stands for which file. */
function claimRows(folder: MigrationFolder, rows: LedgerRow[]): Map<Migration, LedgerRow> {
  const claimed = new Map<Migration, LedgerRow>();
  const free = new Set(rows);
  for (const claim of claims[folder.format]) {
    for (const migration of folder.migrations) {
      if (claimed.has(migration)) continue;
      const row = [...free].find((candidate) => claim(migration, candidate));
      if (row === undefined) continue;
      claimed.set(migration, row);
      free.delete(row);
    }
  }
  return claimed;
}

/** The row that stands for this migration. */
export function ledgerRowOf(
  folder: MigrationFolder,
  rows: LedgerRow[],
  migration: Migration,
): LedgerRow | undefined {
  return claimRows(folder, rows).get(migration);
}

export function compareWithLedger(folder: MigrationFolder, rows: LedgerRow[]): MigrationStates {
  const claimed = claimRows(folder, rows);
  const taken = new Set(claimed.values());
  const free = rows.filter((row) => !taken.has(row));
  const states: MigrationStates = {
    applied: [],
    pending: [],
    late: [],
    edited: [],
    unknown: free.filter((row) => !isRepeated(row, claimed.values())),
    orphans: folder.orphans,
  };
  const newest = Math.max(...rows.map((row) => row.createdAt ?? Number.NEGATIVE_INFINITY));
  for (const migration of folder.migrations) {
    const row = claimed.get(migration);
    if (row === undefined) {
      states[isLate(folder.format, migration, newest) ? "late" : "pending"].push(migration);
    } else {
      states[sameHash(migration, row) ? "applied" : "edited"].push(migration);
    }
  }
  return states;
}

/** What there is to run, in the folder's order. */
export function toRun(folder: MigrationFolder, states: MigrationStates): Migration[] {
  const wanted = new Set([...states.pending, ...states.late]);
  return folder.migrations.filter((migration) => wanted.has(migration));
}

/** A row in words, for one that no file accounts for. */
export function rowName(row: LedgerRow): string {
  if (row.name !== undefined) return row.name;
  const day = row.createdAt === undefined ? "" : ` of ${isoSecond(row.createdAt)}`;
  return row.hash === undefined ? `a row without a hash${day}` : `${row.hash.slice(0, 12)}${day}`;
}

/** Drizzle 0.x skips a migration whose time is not after the newest row's; 1.x has whole seconds. */
function isLate(format: FolderFormat, migration: Migration, newest: number): boolean {
  if (newest === Number.NEGATIVE_INFINITY) return false;
  return format === "v0"
    ? migration.when <= newest
    : Number(second(migration.when)) < Number(second(newest));
}

/** Two Drizzle processes at once write the same row twice. */
function isRepeated(row: LedgerRow, claimed: Iterable<LedgerRow>): boolean {
  for (const other of claimed) {
    if (other.hash === row.hash && other.createdAt === row.createdAt) return true;
  }
  return false;
}

function second(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.floor(milliseconds / 1000);
}

function isoSecond(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime())
    ? String(milliseconds)
    : `${date.toISOString().slice(0, 19)}Z`;
}
