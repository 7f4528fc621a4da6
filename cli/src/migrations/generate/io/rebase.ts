import { relative } from "node:path";
import { removeOrphanedBranches } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import type { HasGit } from "../../../lib/git/io/git.ts";
import { openGitObjects } from "../../../lib/git/io/objects.ts";
import { listingOf } from "../../../lib/git/objects.ts";
import { noStyle } from "../../../lib/terminal/style.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { type SchemaChange, schemaChanges } from "../../../postgres/schema/diff.ts";
import { schemaDiffText } from "../../../postgres/schema/text.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import { applyInOrder } from "../../conflicts/io/try-order.ts";
import { contentHashes } from "../../folder/content-hash.ts";
import { readMigrationFolder } from "../../folder/io/read-folder.ts";
import type { Migration, MigrationFolder } from "../../folder/migration.ts";
import { requireOwnMigrator } from "../../folder/own-migrator.ts";
import { parseFolder } from "../../folder/parse-folder.ts";
import { forks } from "../../folder/snapshots.ts";
import { compareWithLedger } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import {
  asMigrations,
  bareName,
  type Files,
  migrationName,
  ownSql,
  refuseWhatIsLost,
} from "../rebase.ts";
import { generate } from "./generate.ts";
import { readFiles, replaceGenerated, restoreBackup, withFolderRollback } from "./rebase-folder.ts";
import { type Side, upstreamSide } from "./upstream-side.ts";

export interface RebaseReport {
  status: "rebased" | "unchanged";
  onto: string;
  /** Migrations of this side that are no longer. */
  removed: string[];
  /** What was generated in their place. */
  generated: string[];
  /** Both ways end in the same schema; false where this side's own could not be run on top. */
  compared: boolean;
}

/** This side's own migrations, and the other side's that stay. */
interface Sides {
  /** The migrations folder as people name it. */
  shown: string;
  side: Side;
  kept: Files;
  base: MigrationFolder;
  own: ReadonlyMap<string, string>;
}

type Needs = Runtime & HasGit & HasTarget & HasNeon & HasEngine;

/** Generates this side's migrations anew on top of the other's. On failure the folder is as before. */
export async function rebase(
  context: Needs,
  config: ProjectConfig,
  wishes: { onto: string | undefined; name: string | undefined },
): Promise<RebaseReport> {
  requireOwnMigrator(config.migrator);
  const path = config.migrations.folder;
  const sides = await readSides(context, path, wishes.onto);
  const { kept, own, side } = sides;
  const removed = [...own.keys()].map(migrationName);
  const report = { onto: side.ref, removed };
  if (own.size === 0 || isOnTop(path, sides)) {
    return { ...report, removed: [], status: "unchanged", generated: [], compared: true };
  }
  refuseWhatIsLost(own);
  const attempt = await trials(context, config, sides);
  const wanted = await attempt(
    `Running ${removed.join(", ")} after those of ${side.ref}, on a copy of main`,
    asMigrations(own, sides.base),
  );
  if (!wanted.ok) {
    context.output.warn(
      `as they are they do not run after those of ${side.ref}: ${wanted.message}`,
    );
  }
  const name = wishes.name ?? (bareName([...own.keys()].at(-1) ?? "") || undefined);
  const rebasing = {
    done: `${sides.shown} was rebased onto ${side.ref}`,
    unclear: `${sides.shown} may be changed in part, and the next \`ds db rebase\` puts it back`,
  };
  context.signal.throwIfAborted();
  return context.output.changes.during(rebasing, () =>
    withFolderRollback(path, async () => {
      await replaceGenerated(path, new Set(own.keys()), kept);
      const { migrations } = await context.output.step("Generating anew", () =>
        generate(context, config, name),
      );
      const result = await attempt("Running the new one, on another copy", migrations);
      if (!result.ok) throw notEqual(`${result.migration} fails: ${result.message}`);
      if (wanted.ok) {
        const changes = schemaChanges(wanted.schema, result.schema, { columnOrder: false });
        if (changes.length > 0) throw notEqual(schemaDiffText(changes, noStyle), changes);
      }
      return {
        ...report,
        status: "rebased" as const,
        generated: migrations.map((migration) => migration.name),
        compared: wanted.ok,
      };
    }),
  );
}

async function readSides(context: Needs, path: string, onto: string | undefined): Promise<Sides> {
  const shown = shownPath(path, context.cwd);
  if (await restoreBackup(path)) {
    context.output.note(`put ${shown} back as it was before an earlier rebase that was killed`);
  }
  const objects = openGitObjects(context);
  const side = await upstreamSide(await context.git(), objects, onto);
  const kept = await objects.filesAt(side.commit, path);
  if (kept.size === 0) {
    throw new DsError("NOT_FOUND", `${side.ref} has no migrations in ${shown}`, {
      reason: "FOLDER_EMPTY",
      hint: "Name the side whose migrations stay: ds db rebase --onto <git ref>",
    });
  }
  const base = parseFolder(listingOf(`${side.ref}:${shown}`, kept));
  return { shown, side, kept, base, own: ownSql(await readFiles(path), kept) };
}

/** Runs migrations after the other side's, on copies of main; refuses where main has this side's already. */
async function trials(context: Needs, config: ProjectConfig, { base, own, side }: Sides) {
  const { schema, table } = config.migrations;
  const ledger = { schema, table };
  const target = await context.target("main");
  await removeOrphanedBranches(context, target);
  const { rows } = await withPostgres(
    await target.connectionUrl(),
    { what: `branch ${target.branch.name}` },
    (client) => readLedger(client, ledger),
  );
  const applied = [...own].filter(([, sql]) =>
    rows.some(({ hash }) => hash !== undefined && contentHashes(sql).includes(hash)),
  );
  if (applied.length > 0) {
    const files = applied.map(([file]) => file);
    throw alreadyApplied(files, side, target);
  }
  const onMain = compareWithLedger(base, rows).applied;
  const before = [...onMain, ...pendingOf(base, onMain)];
  return (title: string, migrations: Migration[]) =>
    context.output.step(title, () =>
      applyInOrder(
        context,
        { target, ledger, purpose: "rebase-check" },
        { format: base.format, migrations: [...before, ...migrations], orphans: [] },
      ),
    );
}

/** Whether this side's migrations follow those of the other side already, in number and in snapshot. */
function isOnTop(path: string, { kept, own, shown }: Sides): boolean {
  let folder: MigrationFolder;
  try {
    folder = readMigrationFolder(path, shown);
  } catch {
    // A journal with conflict markers, say.
    return false;
  }
  const files = folder.migrations.map(({ file }) => relative(shown, file));
  const keptFiles = [...kept.keys()].filter((file) => file.endsWith(".sql"));
  const number = (file: string) => /^\d+/.exec(file)?.[0];
  const isDoubled = (file: string) =>
    own.has(file) && files.some((other) => other !== file && number(other) === number(file));
  return (
    keptFiles.every((file) => files.includes(file)) &&
    files.slice(-own.size).every((file) => own.has(file)) &&
    !files.some(isDoubled) &&
    forks(folder.snapshots?.() ?? []).length === 0
  );
}

const pendingOf = ({ migrations }: MigrationFolder, applied: readonly Migration[]) =>
  migrations.filter((migration) => !applied.includes(migration));

function alreadyApplied(files: string[], { ref }: Side, { branch }: Target): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `${files.join(", ")} ${files.length === 1 ? "is" : "are"} applied to ${branch.name} already, so it stays as it is`,
    {
      reason: "ALREADY_APPLIED",
      hint: `It is the other side that has to move: on ${ref}, run ds db rebase --onto <this branch>`,
      details: { applied: files },
    },
  );
}

function notEqual(what: string, changes: SchemaChange[] = []): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `what was generated does not make the schema that the two sides' migrations make:\n${what}\nThe folder is as it was before.`,
    {
      reason: "SCHEMA_DIFFERS",
      hint: "Does the code have both sides' changes? What is in no code (a trigger, say) goes into a migration of its own",
      details: { changes },
    },
  );
}
