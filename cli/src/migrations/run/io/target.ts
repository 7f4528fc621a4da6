import { DsError } from "../../../errors/ds-error.ts";
import { loadPostgres } from "../../../postgres/io/connect.ts";
import { refusePooler } from "../../../postgres/pooler.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import type { LedgerPrefetch } from "../../ledger/io/prefetch.ts";
import type { MigrationTarget } from "./migration-run.ts";

export interface TargetFlags {
  target?: string;
  db?: string;
}

/** `target`: where it was named by a stage. */
export type NamedDatabase = MigrationTarget & { target?: Target };

/**
 * The database that a migration command is about: a stage's branch, or that of a URL.
 *
 * @param prefetch for a command that is going to look at its ledger
 */
export async function migrationTarget(
  context: Pick<Runtime, "output"> & HasTarget,
  { db, target: name }: TargetFlags,
  prefetch?: LedgerPrefetch,
): Promise<NamedDatabase> {
  if (db !== undefined) {
    const what = "the database";
    if (name === undefined) {
      refusePooler(db, "migrations need");
      prefetch?.begin(db, { what });
      return { url: db, what, shared: false, prefetch };
    }
    throw new DsError("USAGE", "--db and --target both name a database", { hint: "Leave one out" });
  }
  const target = await context.target(name, prefetch);
  const { stage, branch } = target;
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id})`);
  // What is prefetched may be enough.
  const driver = prefetch === undefined ? loadPostgres() : undefined;
  const [url] = await Promise.all([target.connectionUrl(), driver]);
  return {
    url,
    what: `branch ${branch.name}`,
    loopback: target.loopback,
    shared: stage.kind === "shared" || branch.protected || branch.default,
    target,
    prefetch,
  };
}

/**
 * Before the ledger of a database is written by hand: others depend on a shared one, so that a habit
 * of pressing return is not enough for it.
 *
 * @param command with what it was given, for the hint
 */
export async function confirmLedgerChange(
  context: HasConfirm,
  { shared, what }: MigrationTarget,
  { message, yes, command }: { message: string; yes: boolean; command: string },
): Promise<void> {
  if (shared && !yes) {
    throw new DsError("REFUSED", `${what} is shared, so nothing was changed: ${message}`, {
      hint: `If that is what you want: ${command} --yes`,
    });
  }
  await context.confirm({ message, yes, command: `${command} --yes` });
}

/** The flags as they were given, for a hint. The URL may hold a password. */
export function targetWords({ target, db }: TargetFlags): string {
  if (db !== undefined) return " --db <url>";
  return target === undefined ? "" : ` --target ${target}`;
}

/** What a hint says to run: whoever follows it to the letter must not migrate another stage than the one it is about. */
export function migrateCommand({ target }: TargetFlags): string {
  return `ds db migrate${targetWords(target === undefined ? {} : { target })}`;
}
