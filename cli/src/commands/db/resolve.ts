import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { rowName } from "../../migrations/ledger/compare.ts";
import { resolve } from "../../migrations/resolve/io/resolve.ts";
import type { LedgerChange, Resolution } from "../../migrations/resolve/resolve.ts";
import { migratorOptions } from "../../migrations/run/io/options.ts";
import {
  confirmLedgerChange,
  migrationTarget,
  type TargetFlags,
  targetWords,
} from "../../migrations/run/io/target.ts";

interface Flags extends TargetFlags {
  applied?: string;
  forget?: string;
  acceptEdit?: string;
  yes: boolean;
}

/** Says how a migration stands where the ledger cannot know; runs none of its SQL. */
export default async function resolveCommand(context: AppContext, flags: Flags): Promise<void> {
  const [resolution, name] = wanted(flags);
  const config = await context.config();
  const database = await migrationTarget(context, flags);
  const options = migratorOptions(context, config, database);
  const command = `ds db resolve --${resolution} ${name}${targetWords(flags)}`;
  const change = await resolve(options, resolution, name, (planned) =>
    confirmLedgerChange(context, database, {
      message: `${intention(planned)} on ${database.what}?`,
      yes: flags.yes,
      command,
    }),
  );
  context.output.result(
    { status: "resolved", action: resolution, migration: nameOf(change) },
    `${outcome(change)} on ${database.what}.`,
  );
}

function wanted({ applied, forget, acceptEdit }: Flags): [Resolution, string] {
  const given: [Resolution, string | undefined][] = [
    ["applied", applied],
    ["forget", forget],
    ["accept-edit", acceptEdit],
  ];
  const [first, ...more] = given.flatMap(([resolution, name]): [Resolution, string][] =>
    name === undefined ? [] : [[resolution, name]],
  );
  if (first !== undefined && more.length === 0) return first;
  throw new DsError(
    "USAGE",
    "give one of --applied, --forget and --accept-edit, with a migration",
    {
      hint: "See what each does: ds db resolve --help",
    },
  );
}

function nameOf(change: LedgerChange): string {
  if (change.migration !== undefined) return change.migration.name;
  return change.action === "delete" ? rowName(change.row) : "";
}

function intention(change: LedgerChange): string {
  const name = nameOf(change);
  switch (change.action) {
    case "insert":
      return `record ${name} as applied, without running it,`;
    case "delete":
      return `forget that ${name} was applied, without undoing it,`;
    case "rehash":
      return `accept ${name} as it is now for what was applied`;
    case "forget-steps":
      return `forget that a part of ${name} was run, without undoing it,`;
  }
}

function outcome(change: LedgerChange): string {
  const name = nameOf(change);
  switch (change.action) {
    case "insert":
      return `${name} is recorded as applied; it was not run`;
    case "delete":
      return change.migration === undefined
        ? `${name} is no longer recorded as applied`
        : `${name} is no longer recorded as applied: the next \`ds db migrate\` runs it`;
    case "rehash":
      return `${name} as it is now is what was applied`;
    case "forget-steps":
      return `${name} counts as not begun: the next \`ds db migrate\` runs all of it`;
  }
}
