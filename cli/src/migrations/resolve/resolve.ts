import { DsError } from "../../errors/ds-error.ts";
import type { Migration, MigrationFolder } from "../folder/migration.ts";
import {
  compareWithLedger,
  type LedgerRow,
  ledgerRowOf,
  type MigrationStates,
  rowName,
} from "../ledger/compare.ts";

/** A change of the ledger that runs none of the migrations' SQL. */
export type LedgerChange =
  | { action: "insert"; migration: Migration }
  | { action: "delete"; row: LedgerRow; migration: Migration | undefined }
  | { action: "rehash"; row: LedgerRow; migration: Migration }
  /** Only what is known of the migration's steps goes. */
  | { action: "forget-steps"; migration: Migration };

export type Resolution = "applied" | "forget" | "accept-edit";

/** What is said of a migration, whose name may be short. */
export interface ResolveRequest {
  resolution: Resolution;
  name: string;
}

/** What is recorded so far. */
export interface Recorded {
  rows: LedgerRow[];
  /** Ledger names of migrations that were run in part. */
  begun: ReadonlySet<string>;
}

/** What a resolution comes to, or why it cannot be. */
export function resolveMigration(
  { resolution, name }: ResolveRequest,
  folder: MigrationFolder,
  { rows, begun }: Recorded,
): LedgerChange {
  const states = compareWithLedger(folder, rows);
  if (resolution === "forget") {
    const unknown = states.unknown.filter((row) => isCalled(row, name));
    if (unknown.length > 1) throw ambiguous(name, unknown.map(rowName));
    const [row] = unknown;
    if (row !== undefined) return { action: "delete", row, migration: undefined };
  }
  const migration = findMigration(folder, name, states);
  const row = ledgerRowOf(folder, rows, migration);
  switch (resolution) {
    case "applied":
      if (row === undefined) return { action: "insert", migration };
      throw new DsError("CONFLICT", `${migration.name} is recorded as applied already`, {
        reason: "ALREADY_APPLIED",
        hint: states.edited.includes(migration)
          ? `Its file was edited since; to take the file as it is now: ds db resolve --accept-edit ${migration.name}`
          : "Nothing is to be done. See what is pending: ds db status",
      });
    case "forget":
      if (row !== undefined) return { action: "delete", row, migration };
      if (begun.has(migration.ledgerName)) return { action: "forget-steps", migration };
      throw new DsError("NOT_FOUND", `${migration.name} is not recorded as applied`, {
        reason: "NOT_APPLIED",
        hint: "There is nothing to forget: `ds db migrate` will run it",
      });
    case "accept-edit":
      if (row === undefined) {
        throw new DsError(
          "NOT_FOUND",
          `${migration.name} is not recorded as applied, so an edit of it is no difficulty`,
          { reason: "NOT_APPLIED", hint: seeStatus },
        );
      }
      if (states.edited.includes(migration)) return { action: "rehash", row, migration };
      throw new DsError(
        "NOT_FOUND",
        `${migration.file} is what was applied: there is no edit to accept`,
        { reason: "NOT_EDITED", hint: seeStatus },
      );
  }
}

const seeStatus = "See how the migrations stand: ds db status";

/** Migrations that a database which predates the folder has, up to the named one, or all of it. */
export function baselineMigrations(
  folder: MigrationFolder,
  rows: LedgerRow[],
  to: string | undefined,
): Migration[] {
  if (rows.length > 0) {
    throw new DsError(
      "CONFLICT",
      `the database has a ledger of ${rows.length} applied migrations already, so there is nothing to baseline`,
      {
        reason: "LEDGER_NOT_EMPTY",
        hint: "Record a single one as applied: ds db resolve --applied <migration>",
      },
    );
  }
  const { migrations } = folder;
  if (migrations.length === 0) {
    throw new DsError("NOT_FOUND", "the migrations folder is empty: there is nothing to baseline", {
      reason: "FOLDER_EMPTY",
      hint: "Generate the migration that describes the database as it is, then run this again",
    });
  }
  if (to === undefined) return migrations;
  const states = compareWithLedger(folder, rows);
  return migrations.slice(0, migrations.indexOf(findMigration(folder, to, states)) + 1);
}

/** By its whole name, its number or time, its file, or the name that the ledger has for it. */
function findMigration(
  { migrations }: MigrationFolder,
  name: string,
  states: MigrationStates,
): Migration {
  const wanted = name
    .replace(/\/migration\.sql$/, "")
    .replace(/\.sql$/, "")
    .replace(/^.*\//, "");
  const exact = migrations.filter((migration) =>
    [migration.name, migration.ledgerName].some((each) => each.normalize() === wanted.normalize()),
  );
  const found =
    exact.length > 0
      ? exact
      : migrations.filter((migration) => migration.name.split("_")[0] === wanted);
  const [first, ...more] = found;
  if (more.length > 0)
    throw ambiguous(
      name,
      found.map((migration) => migration.name),
    );
  if (first !== undefined) return first;
  const open = [...states.edited, ...states.late, ...states.pending].map((each) => each.name);
  throw new DsError("NOT_FOUND", `there is no migration ${name} in the folder`, {
    reason: "NO_SUCH_MIGRATION",
    details: { notApplied: open },
    hint:
      open.length === 0
        ? seeStatus
        : `Not applied as they are: ${open.slice(0, 5).join(", ")}${open.length > 5 ? " ..." : ""}`,
  });
}

/** At least this much of a hash has to be given. */
const shortestHash = 8;

function isCalled(row: LedgerRow, name: string): boolean {
  return row.name === name || (name.length >= shortestHash && row.hash?.startsWith(name) === true);
}

function ambiguous(name: string, candidates: string[]): DsError {
  return new DsError("USAGE", `${name} could be any of ${candidates.join(", ")}`, {
    reason: "AMBIGUOUS_MIGRATION",
    details: { candidates },
    hint: "Give the whole name",
  });
}
