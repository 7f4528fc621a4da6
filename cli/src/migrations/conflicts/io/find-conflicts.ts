import { removeOrphanedBranches } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import { compareWithLedger, toRun } from "../../ledger/compare.ts";
import { readLedger } from "../../ledger/io/ledger.ts";
import { type Outcome, type RefReport, shared } from "../conflicts.ts";
import { compareSides, type Try } from "./compare-sides.ts";
import { otherFolders } from "./other-folders.ts";
import { applyInOrder } from "./try-order.ts";

/**
 * Compares this checkout's pending migrations with those of other git refs: both orders are run on
 * ephemeral copies of the target's branch. Nothing is checked out, and the target is only read.
 *
 * @param refs none: every other branch that git knows
 */
export async function findConflicts(
  context: Runtime & HasNeon & HasEngine,
  target: Target,
  config: ProjectConfig,
  refs: readonly string[],
): Promise<RefReport[]> {
  const { schema, table } = config.migrations;
  const ledger = { schema, table };
  const mine = migrationFolder(config, context.cwd);
  const others = await otherFolders(context, config, refs);

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
    const outcome = applyInOrder(context, { target, ledger, purpose: "conflict-check" }, folder);
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
        compareSides(ref, { both, mine: own, theirs: other }, attempt),
      ),
    );
  }
  return reports;
}
