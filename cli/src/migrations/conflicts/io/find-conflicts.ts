import { removeOrphanedBranches } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { openGitObjects } from "../../../lib/git/io/objects.ts";
import { listingOf } from "../../../lib/git/objects.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { schemaChanges } from "../../../postgres/schema/diff.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { readMigrationFolder } from "../../folder/io/read-folder.ts";
import type { Migration, MigrationFolder } from "../../folder/migration.ts";
import { parseFolder } from "../../folder/parse-folder.ts";
import { compareWithLedger, toRun } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import {
  type Conflict,
  failureSentence,
  type Outcome,
  otherRows,
  type RefReport,
  sameNumbers,
  shared,
} from "../conflicts.ts";
import { applyInOrder } from "./try-order.ts";

/** Runs migrations in the given order on a copy of the target's branch; `again` is one more run of the same. */
type Try = (order: readonly Migration[], again?: "again") => Promise<Outcome>;

/**
 * Compares this checkout's pending migrations with those of other git refs: both orders are run on
 * throwaway copies of the target's branch. Nothing is checked out, and the target is only read.
 *
 * @param refs none: every other branch that git knows
 */
export async function findConflicts(
  context: Runtime & HasNeon & HasEngine,
  target: Target,
  config: ProjectConfig,
  refs: readonly string[],
): Promise<RefReport[]> {
  const git = openGitObjects(context);
  const { folder: path, ...ledger } = config.migrations;
  const shown = shownPath(path, context.cwd);
  const mine = readMigrationFolder(path, shown);
  const others = new Map<string, MigrationFolder>();
  for (const ref of refs.length > 0 ? refs : await git.otherBranches()) {
    const commit = await git.commit(ref);
    if (commit === undefined) {
      throw new DsError("NOT_FOUND", `git knows no branch, tag or commit "${ref}"`, {
        hint: "See which there are: git branch --all",
      });
    }
    const files = await git.filesAt(commit, path);
    if (files.size === 0) {
      if (refs.length === 0) continue;
      throw new DsError("NOT_FOUND", `${ref} has no files in ${shown}`);
    }
    try {
      others.set(ref, parseFolder(listingOf(`${ref}:${shown}`, files)));
    } catch (error) {
      // Of all branches that there are, one that somebody left in disorder is no reason to say nothing.
      if (refs.length > 0 || !(error instanceof DsError)) throw error;
      context.output.warn(`${ref} is left out: ${error.message}`);
    }
  }

  await removeOrphanedBranches(context, target);
  const what = `branch ${target.branch.name}`;
  const { rows } = await withPostgres(await target.connectionUrl(), { what }, (client) =>
    readLedger(client, ledger),
  );
  const pending = (folder: MigrationFolder) => toRun(folder, compareWithLedger(folder, rows));
  const applied = compareWithLedger(mine, rows).applied;
  const tried = new Map<string, Promise<Outcome>>();
  const attempt: Try = (order, again) => {
    const key = [...order.map(({ hash }) => hash), again].join();
    const known = tried.get(key);
    if (known !== undefined) return known;
    const folder = { format: mine.format, migrations: [...applied, ...order], orphans: [] };
    const outcome = applyInOrder(context, target, config, "conflict-check", folder);
    tried.set(key, outcome);
    return outcome;
  };

  const reports: RefReport[] = [];
  const seen = new Set<string>();
  for (const [ref, folder] of others) {
    const [here, there] = [pending(mine), pending(folder)];
    const both = shared(here, there);
    const own = here.filter((migration) => !both.includes(migration));
    const other = there.filter((migration) => shared([migration], here).length === 0);
    const content = other.map(({ hash }) => hash).join();
    // Most branches have no migrations of their own, or those of a branch that was compared already.
    if (refs.length === 0 && (other.length === 0 || seen.has(content))) continue;
    seen.add(content);
    reports.push(
      await context.output.step(`Comparing with ${ref}`, () =>
        compare(ref, both, own, other, attempt),
      ),
    );
  }
  return reports;
}

async function compare(
  ref: string,
  both: Migration[],
  mine: Migration[],
  theirs: Migration[],
  attempt: Try,
): Promise<RefReport> {
  const names = (list: Migration[]) => list.map(({ name }) => name);
  const report: RefReport = {
    ref,
    status: "nothing",
    mine: names(mine),
    theirs: names(theirs),
    conflict: null,
    notes: sameNumbers(mine, theirs).map((text) => `${text}: after the merge, ds db rebase`),
  };
  if (theirs.length === 0) return report;
  if (mine.length === 0) {
    const outcome = await attempt([...both, ...theirs]);
    if (outcome.ok) return { ...report, status: "ok" };
    const how = `it fails on what the database has: ${outcome.message}`;
    const conflict = { mine: null, theirs: outcome.migration, how, changes: [] };
    return { ...report, status: "conflict", conflict };
  }
  const clash = (a: Migration[], b: Migration[]) => clashOf(both, a, b, attempt);
  const whole = await clash(mine, theirs);
  if (whole.orderOfColumns)
    report.notes.push("the order of columns depends on who is merged first");
  if (whole.conflict === undefined) return { ...report, status: "ok" };

  // The first of mine that it takes, then the first of theirs: the conflict is there with these, and
  // not without.
  const own = await firstThat(mine, async (some) => (await clash(some, theirs)).conflict);
  const other = await firstThat(theirs, async (some) => (await clash(own, some)).conflict);
  const { conflict = whole.conflict } = await clash(own, other);
  return { ...report, status: "conflict", conflict };
}

/** Neither side can do anything about a migration that both have. */
function failsByItself({ migration, message }: { migration: string; message: string }): DsError {
  return new DsError(
    "SQL_FAILED",
    `${migration}, which both sides have, fails by itself: ${message}`,
    { hint: "Correct it first: ds db migrate --rehearse shows the place" },
  );
}

/** The shortest beginning of the list for which it holds. */
async function firstThat(
  list: Migration[],
  holds: (some: Migration[]) => Promise<unknown>,
): Promise<Migration[]> {
  for (let length = 1; length < list.length; length += 1) {
    const some = list.slice(0, length);
    if (await holds(some)) return some;
  }
  return list;
}

async function clashOf(
  both: Migration[],
  mine: Migration[],
  theirs: Migration[],
  attempt: Try,
): Promise<{ conflict?: Conflict; orderOfColumns?: boolean }> {
  const [mineFirst, theirsFirst] = await Promise.all([
    attempt([...both, ...mine, ...theirs]),
    attempt([...both, ...theirs, ...mine]),
  ]);
  const last = (list: Migration[]) => list.at(-1)?.name ?? "";
  const pair = { mine: last(mine), theirs: last(theirs), changes: [] };
  if (!mineFirst.ok && !theirsFirst.ok && mineFirst.migration === theirsFirst.migration) {
    if (both.some(({ name }) => name === mineFirst.migration)) throw failsByItself(mineFirst);
    const how = `${mineFirst.migration} fails whichever is first: ${mineFirst.message}`;
    return { conflict: { ...pair, how } };
  }
  const failures = [
    ...(mineFirst.ok ? [] : [failureSentence(mine, theirs, mineFirst)]),
    ...(theirsFirst.ok ? [] : [failureSentence(theirs, mine, theirsFirst)]),
  ];
  if (failures.length > 0) return { conflict: { ...pair, how: failures.join("; ") } };
  if (!mineFirst.ok || !theirsFirst.ok) return {};
  const changes = schemaChanges(mineFirst.schema, theirsFirst.schema, { columnOrder: false });
  if (changes.length > 0) {
    const orders = `${pair.mine} first → ${pair.theirs} first`;
    const how = `both orders succeed, but end in different schemas (${orders}):`;
    return { conflict: { ...pair, how, changes } };
  }
  const orderOfColumns = schemaChanges(mineFirst.schema, theirsFirst.schema).length > 0;
  const differ = (again: Record<string, string>) =>
    otherRows(mineFirst.rows, theirsFirst.rows, again);
  if (differ(mineFirst.rows).length === 0) return { orderOfColumns };
  // A default such as now() gives other rows whoever is first.
  const again = await attempt([...both, ...mine, ...theirs], "again");
  const tables = differ(again.ok ? again.rows : {});
  if (tables.length === 0) return { orderOfColumns };
  const names = tables.map((table) => table.replace(/^public\./, "")).join(", ");
  const how = `both orders succeed, but leave other rows in ${names}`;
  return { conflict: { ...pair, how }, orderOfColumns };
}
