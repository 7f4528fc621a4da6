import type { Comparison, Side } from "../../io/compare.ts";
import { compareRows } from "../../io/compare.ts";
import type { AskPages } from "../../io/page-plans.ts";
import { type LeftOut, shownTable } from "../../shape.ts";
import { beginning, type Ending, ending } from "../frame.ts";
import {
  isMoved,
  noFacts,
  noteChange,
  planStatements,
  refusalOf,
  type StatementPlan,
  type TableFacts,
} from "../plan.ts";
import { type Batch, deletions, insertions, updateSql } from "../row-sql.ts";
import { type Target, type TargetTable, tableId } from "../target.ts";
import { readSequences, readTarget, type SequenceState } from "./read-target.ts";

interface Wish {
  isWanted(table: string): boolean;
  changedPages?: AskPages | undefined;
  /** Whether sequences are set that belong to none of the wanted tables. */
  isWhole: boolean;
  onTable?(table: string): void;
  /** What the statements are about, for their first line. */
  title: string;
  /** More comments below it, once it is known which tables there are. */
  remarks(): readonly string[];
  /** Is told why rows cannot be written, before anything is; throws. */
  refuse(why: string): never;
  /** Takes the text, in the order in which it is to be run. */
  write(sql: string): Promise<void>;
  signal: AbortSignal;
}

export interface Statements {
  tables: readonly TableFacts[];
  leftOut: LeftOut[];
  plan: StatementPlan;
  /** Sequences that are not set: the role may not read them. */
  unreadable: string[];
}

/**
 * Writes the statements after which the base's rows are the branch's: one transaction. Rows are read again for each of its
 * parts, so that none are held.
 */
export async function writeStatements({ base, branch }: Side, wish: Wish): Promise<Statements> {
  let read: Target | undefined;
  const facts = new Map<string, TableFacts>();
  const comparison = await compareRows(
    { base, branch },
    {
      isWanted: wish.isWanted,
      changedPages: wish.changedPages,
      signal: wish.signal,
      onTable: async (table) => {
        // The first moment within the comparison's own transaction.
        read ??= await readTarget(base);
        facts.set(tableId(table), noFacts(table));
        wish.onTable?.(shownTable(table));
      },
      onRow: (table, change) => {
        const own = facts.get(tableId(table)) as TableFacts;
        noteChange(own, read?.tables.get(tableId(table)) as TargetTable, change);
      },
    },
  );
  const remarks = wish.remarks();
  const target = read ?? { tables: new Map(), foreignKeys: [], actors: [] };
  const all = [...facts.values()];
  for (const each of all) {
    const why = refusalOf(each, target.tables.get(tableId(each.table)) as TargetTable);
    if (why !== undefined) wish.refuse(why);
  }
  const plan = planStatements(all, target);
  const sequences = await sequencesToSet({ base, branch }, new Set(facts.keys()), wish);
  const parts: Ending = { plan, sequences: sequences.differing };
  await wish.write(beginning({ title: wish.title, remarks, comparison, facts: all, ...parts }));
  if (plan.order.length > 0) await writeRows(comparison, plan, target, wish);
  await wish.write(ending(parts));
  return { tables: all, leftOut: comparison.leftOut, plan, unreadable: sequences.unreadable };
}

async function sequencesToSet(
  { base, branch }: Side,
  tables: ReadonlySet<string>,
  { isWhole }: Wish,
): Promise<{ differing: SequenceState[]; unreadable: string[] }> {
  const before = new Map((await readSequences(base)).map((each) => [tableId(each), each]));
  const after = await readSequences(branch);
  const wanted = after.filter(
    (each) =>
      before.has(tableId(each)) && (isWhole || each.tables.some((table) => tables.has(table))),
  );
  const stateIn = (each: SequenceState) => before.get(tableId(each))?.state;
  return {
    unreadable: wanted
      .filter((each) => each.state === undefined || stateIn(each) === undefined)
      .map(shownTable),
    differing: wanted.filter((each) => {
      const [old, now] = [stateIn(each), each.state];
      return old && now && (old.value !== now.value || old.isCalled !== now.isCalled);
    }),
  };
}

async function writeRows(
  comparison: Comparison,
  plan: StatementPlan,
  target: Target,
  { write }: Wish,
): Promise<void> {
  const tables = plan.order.map((facts) => {
    const id = tableId(facts.table);
    return {
      facts,
      own: target.tables.get(id) as TargetTable,
      changes: comparison.tables.find(({ table }) => tableId(table) === id)?.changes,
    };
  });
  type Table = (typeof tables)[number];

  for (const { facts, own, changes } of tables) {
    if (facts.updated === 0 || changes === undefined) continue;
    for await (const change of changes()) {
      if (change.is === "changed" && !isMoved(facts.table, own, change)) {
        await write(updateSql(facts.table, own, change));
      }
    }
  }
  const written = async (
    { facts, own, changes }: Table,
    batch: Batch,
    wanted: "added" | "removed",
  ) => {
    if (facts[wanted] + facts.moved === 0 || changes === undefined) return;
    for await (const change of changes()) {
      if (change.is === "changed") {
        if (!isMoved(facts.table, own, change)) continue;
        await write(batch.add(wanted === "added" ? change.after : change.before));
      } else if (change.is === wanted) {
        await write(batch.add(change.is === "added" ? change.after : change.before));
      }
    }
    await write(batch.end());
  };
  for (const table of [...tables].reverse()) {
    const batch = deletions(table.facts.table, table.own);
    // The text of a row is the comparison's, in which names of types and tables have their schemas.
    const isByText = table.facts.table.key === undefined && table.facts.removed > 0;
    if (isByText) await write("set local search_path = pg_catalog;\n");
    await written(table, batch, "removed");
    if (isByText) await write("set local search_path to default;\n");
  }
  for (const table of tables) {
    await written(table, insertions(table.facts.table, table.own), "added");
  }
}
