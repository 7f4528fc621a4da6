import type { Client } from "pg";
import type { HasConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { ownSchema } from "../../../postgres/own-schema.ts";
import type { HasConfirm } from "../../../runtime/io/confirm.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { type MigrationRun, migrationRun } from "../../run/io/migration-run.ts";
import {
  confirmLedgerChange,
  migrationTarget,
  type TargetFlags,
  targetWords,
} from "../../run/io/target.ts";
import {
  baselineMigrations,
  type LedgerChange,
  type Recorded,
  type ResolveRequest,
  resolveMigration,
} from "../resolve.ts";
import { baselineQuestion, changeQuestion } from "../text.ts";
import { changeLedger } from "./change-ledger.ts";

export interface EditFlags extends TargetFlags {
  yes: boolean;
}

/** What was changed, and where. */
interface Edited {
  changes: LedgerChange[];
  /** The database as messages name it. */
  what: string;
  run: MigrationRun;
}

/** One kind of edit, as a command asks for it. */
interface Edit {
  /** With its flags, but the target's. */
  command: string;
  decide(run: MigrationRun, recorded: Recorded): LedgerChange[];
  question(planned: LedgerChange[], what: string, client: Client): string | Promise<string>;
}

/** Says how a migration stands where the ledger cannot know; runs none of its SQL. */
export async function resolveOnTarget(
  context: Needs,
  flags: EditFlags,
  request: ResolveRequest,
): Promise<{ change: LedgerChange; what: string }> {
  const { changes, what } = await editOnTarget(context, flags, {
    command: `ds db resolve --${request.resolution} ${request.name}`,
    decide: ({ migrations }, recorded) => [resolveMigration(request, migrations.folder, recorded)],
    question: ([planned], where) => changeQuestion(planned as LedgerChange, where),
  });
  return { change: changes[0] as LedgerChange, what };
}

/** Takes a database that predates the migrations folder into it: records migrations, runs none. */
export async function baselineOnTarget(
  context: Needs,
  flags: EditFlags,
  to: string | undefined,
): Promise<{ recorded: string[]; pending: number; what: string }> {
  const { changes, run, what } = await editOnTarget(context, flags, {
    command: `ds db baseline${to === undefined ? "" : ` --to ${to}`}`,
    decide: ({ migrations }, { rows }) =>
      baselineMigrations(migrations.folder, rows, to).map((migration) => ({
        action: "insert",
        migration,
      })),
    question: async (planned, where, client) => {
      const schema = (await context.config()).migrations.schema;
      const tables = await countTables(client, schema);
      if (tables === 0) throw emptyDatabase(where);
      return baselineQuestion(migrationsOf(planned), tables, where);
    },
  });
  const recorded = migrationsOf(changes).map(({ name }) => name);
  const pending = run.migrations.folder.migrations.length - recorded.length;
  return { recorded, pending, what };
}

type Needs = Runtime & HasConfig & HasTarget & HasConfirm;

async function editOnTarget(context: Needs, flags: EditFlags, edit: Edit): Promise<Edited> {
  const config = await context.config();
  const database = await migrationTarget(context, flags);
  const { what } = database;
  const run = migrationRun(context, config, database);
  const changes = await changeLedger(run, {
    decide: (recorded) => edit.decide(run, recorded),
    confirm: async (planned, client) =>
      confirmLedgerChange(context, database, {
        message: await edit.question(planned, what, client),
        yes: flags.yes,
        command: `${edit.command}${targetWords(flags)}`,
      }),
  });
  return { changes, what, run };
}

const migrationsOf = (changes: readonly LedgerChange[]) =>
  changes.flatMap(({ migration }) => migration ?? []);

async function countTables(client: Client, ledgerSchema: string): Promise<number> {
  const { rows } = await client.query<{ tables: number }>(
    `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname !~ '^pg_|^information_schema$' and n.nspname <> all($1)`,
    [[ledgerSchema, ownSchema]],
  );
  return rows[0]?.tables ?? 0;
}

function emptyDatabase(what: string): DsError {
  return new DsError("REFUSED", `${what} has no tables, so no migration can have been applied`, {
    reason: "DATABASE_EMPTY",
    hint: "To apply them: ds db migrate",
  });
}
