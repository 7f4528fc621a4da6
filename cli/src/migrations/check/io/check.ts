import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import type { RefReport } from "../../conflicts/conflicts.ts";
import { findConflicts } from "../../conflicts/io/find-conflicts.ts";
import { type Finding, severities } from "../../findings/finding.ts";
import { judgeText } from "../../findings/io/judge-text.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { Migration, MigrationFolder } from "../../folder/migration.ts";
import { planMigrations } from "../../plan/io/plan.ts";
import { migrationRun } from "../../run/io/migration-run.ts";
import { migrationTarget } from "../../run/io/target.ts";
import { compareFolders, type FolderComparison } from "../new-here.ts";
import { type CheckReport, isClean } from "../report.ts";
import { settleSelected } from "../still-selected.ts";
import { baseFolder } from "./base-folder.ts";

export interface CheckFlags {
  /** Git ref that this checkout will be merged into; default: main's. */
  base?: string;
  /** Without a database: by the files alone. */
  offline: boolean;
  /** Whose rows to look at; default: main's branch, which the migrations will be merged into. */
  target?: string;
}

type CheckContext = Runtime & HasConfig & HasTarget & HasNeon & HasEngine;

/**
 * Whether the migrations that a base ref does not have can be merged: the folder in order, nothing dangerous in them, no
 * conflict with the base. Changes nothing; migrations of both sides are run on ephemeral copies.
 *
 * @param refs others to compare with, such as those of open pull requests
 */
export async function checkMigrations(
  context: CheckContext,
  flags: CheckFlags,
  refs: readonly string[],
): Promise<CheckReport> {
  const config = await context.config();
  const mine = migrationFolder(config, context.cwd);
  const base = await baseFolder(context, config, flags.base);
  const comparison = compareFolders(mine, base?.folder);
  const looked = flags.offline
    ? await withoutDatabase(comparison, config)
    : await onBranch(context, flags, {
        comparison,
        config,
        mine,
        refs: clashing(base, mine, refs),
      });
  const selected = base?.columns && { ref: base.ref, columns: base.columns };
  const found = settleSelected(looked.findings, selected);
  const findings = [...comparison.problems, ...found].sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
  const report = {
    base: base?.ref ?? null,
    new: comparison.added.map(({ name }) => name),
    ...looked,
    findings,
  };
  return { status: isClean(report) ? "ok" : "findings", ...report };
}

type Looked = Pick<CheckReport, "branch" | "unsettled" | "findings" | "conflicts" | "warnings">;

async function withoutDatabase(
  { added, known }: FolderComparison,
  { migrations }: ProjectConfig,
): Promise<Looked> {
  const { findings, unread, unsettled } = await judgeText(known, added, migrations);
  return { branch: null, unsettled, findings, conflicts: [], warnings: unread.map(notRead) };
}

const notRead = (file: string): string =>
  `${file} was not judged: Postgres 18's grammar does not accept it`;

/** The base only where it has what is not here: the same migrations cannot clash. */
function clashing(
  base: { ref: string; folder: MigrationFolder } | undefined,
  mine: MigrationFolder,
  refs: readonly string[],
): string[] {
  const here = new Set(mine.migrations.map(({ name }) => name));
  const hasMore = base?.folder.migrations.some(({ name }) => !here.has(name)) ?? false;
  return [...new Set([...(base !== undefined && hasMore ? [base.ref] : []), ...refs])];
}

interface OnBranch {
  comparison: FolderComparison;
  config: ProjectConfig;
  mine: MigrationFolder;
  refs: readonly string[];
}

async function onBranch(
  context: CheckContext,
  { target: name = "main" }: CheckFlags,
  { comparison: { added, known }, config, mine, refs }: OnBranch,
): Promise<Looked> {
  const database = await migrationTarget(context, { target: name });
  const run = migrationRun(context, config, database, { folder: mine, command: "ds db check" });
  const client = await run.database.connect("ds check");
  let pending: string[];
  let found: Finding[];
  try {
    const where = { settings: config.migrations, where: database.what };
    const { report } = await planMigrations(client, run, where);
    pending = [...report.pending, ...report.late];
    found = report.findings;
  } finally {
    await client.end().catch(() => undefined);
  }
  const isNew = new Set(added.map(({ name: own }) => own));
  // What the branch has already is judged by its text: its rows are those of afterwards.
  const had: Migration[] = added.filter(({ name: own }) => !pending.includes(own));
  const text = await judgeText(known, had, config.migrations);
  const { target } = database;
  const conflicts: RefReport[] =
    refs.length === 0 || target === undefined
      ? []
      : await findConflicts(context, target, config, refs);
  return {
    branch: database.what,
    unsettled: text.unsettled,
    findings: [...found.filter(({ migration }) => isNew.has(migration)), ...text.findings],
    conflicts,
    warnings: text.unread.map(notRead),
  };
}
