import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { filesOfBase } from "../../folder/io/base-branch.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { Migration } from "../../folder/migration.ts";
import { compareWithLedger, type LedgerRow, toRun } from "../../ledger/compare.ts";
import { rememberedMigrations } from "../../ledger/io/branch-migrations.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import { readSteps, type StepRow } from "../../ledger/io/steps-table.ts";
import type { NamedDatabase } from "../../run/io/target.ts";

/**
 * Which of these migrations another database has had, or may have had, and why: by main's ledger, by what was last
 * seen of the project's other branches, and by git, where the base branch that others share has the file.
 */
export async function neverApplied(
  context: Runtime & HasConfig & HasTarget,
  config: ProjectConfig,
  { target }: NamedDatabase,
  migrations: readonly Migration[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  if (migrations.length === 0) return reasons;
  const note = (applied: (migration: Migration) => boolean, because: string) => {
    for (const migration of migrations)
      if (!reasons.has(migration.name) && applied(migration)) reasons.set(migration.name, because);
  };
  if (target !== undefined) {
    const folder = migrationFolder(config, context.cwd);
    if (target.branch.id !== target.main.id) {
      const { begun, rows } = await mainsLedger(context, config);
      const open = toRun(folder, compareWithLedger(folder, rows)).map(({ name }) => name);
      note(
        ({ ledgerName, name }) =>
          !open.includes(name) || begun.some(({ migration }) => migration === ledgerName),
        `branch ${target.main.name} has had it`,
      );
    }
    for (const branch of target.branches) {
      if (branch.id === target.branch.id || branch.id === target.main.id) continue;
      const known = await rememberedMigrations(context, config, branch);
      if (known === undefined) continue;
      const { begun, states } = known;
      const open = [...states.pending, ...states.late].map(({ name }) => name);
      note(
        ({ name }) => !open.includes(name) || begun.some(({ migration }) => migration === name),
        `branch ${branch.name} has had it`,
      );
    }
  }
  const base = await filesOfBase(context, config.migrations.folder);
  if (base?.ref.startsWith("origin/")) {
    const files = new Set(base.files.map((file) => file.normalize()));
    note(
      ({ name }) =>
        files.has(`${name}.sql`.normalize()) || files.has(`${name}/migration.sql`.normalize()),
      `${base.ref} has it, so others may have applied it`,
    );
  }
  return reasons;
}

async function mainsLedger(
  context: HasTarget,
  { migrations: { schema, table } }: ProjectConfig,
): Promise<{ rows: LedgerRow[]; begun: StepRow[] }> {
  const main = await context.target("main");
  const what = `branch ${main.branch.name}`;
  const options = { what, loopback: main.loopback };
  return withPostgres(await main.connectionUrl(), options, async (client) => ({
    rows: (await readLedger(client, { schema, table })).rows,
    begun: await readSteps(client, { schema, table }),
  }));
}
