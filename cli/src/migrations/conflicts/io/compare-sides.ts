import { DsError } from "../../../errors/ds-error.ts";
import { schemaChanges } from "../../../postgres/schema/diff.ts";
import type { Migration } from "../../folder/migration.ts";
import {
  type Conflict,
  failureSentence,
  type Outcome,
  otherRows,
  type RefReport,
  sameNumbers,
} from "../conflicts.ts";

/** Runs migrations in the given order on a copy of the target's branch; `again` is one more run of the same. */
export type Try = (order: readonly Migration[], again?: "again") => Promise<Outcome>;

/** What is pending in two checkouts. */
export interface Sides {
  both: Migration[];
  /** Here alone. */
  mine: Migration[];
  /** There alone. */
  theirs: Migration[];
}

/** How the two sides of a git ref go together. */
export async function compareSides(ref: string, sides: Sides, attempt: Try): Promise<RefReport> {
  const { both, mine, theirs } = sides;
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
  const clash = (a: Migration[], b: Migration[]) => clashOf({ both, mine: a, theirs: b }, attempt);
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

interface Clash {
  conflict?: Conflict;
  orderOfColumns?: boolean;
}

async function clashOf({ both, mine, theirs }: Sides, attempt: Try): Promise<Clash> {
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
