import type { Client } from "pg";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { shownColumn } from "../../model/names.ts";
import type { Link, Schema } from "../../rules/links.ts";
import type { Classified } from "../../rules/ownership.ts";
import { type Overlap, overlapSql } from "../overlap-sql.ts";
import { type Unseen, whyUnseen } from "../unseen.ts";
import { attempt } from "./attempt.ts";

/** Of one column, in one statement. */
const pairsAtOnce = 100;
const patience = { statementMs: 2000, lockMs: 1000 };
/** Of all columns of one call: a proposal is waited for. */
const budgetMs = 1500;

export interface Overlaps {
  overlaps: Map<Link, Overlap>;
  /** Columns whose values could not be compared. */
  unseen: Unseen[];
}

/**
 * Looks up some values of each column among the keys that it may refer to, in a transaction. No value leaves the
 * server, no question takes longer than two seconds of it, and all of them together not much longer.
 *
 * @param links in the order of their columns
 * @param most values of each column
 */
export async function compareValues(
  client: Pick<Client, "query">,
  schema: Pick<Schema, "catalogue">,
  { links, tables, most }: { links: readonly Link[]; tables: readonly Classified[]; most: number },
): Promise<Overlaps> {
  const classes = new Map(tables.map((each) => [each.table, each]));
  const result: Overlaps = { overlaps: new Map(), unseen: [] };
  const deadline = monotonicMs() + budgetMs;
  for (const some of byColumn(links)) {
    const [{ child, childColumns }] = some;
    const of = shownColumn(child, childColumns[0] ?? "");
    if (monotonicMs() > deadline) {
      result.unseen.push({ of, why: "TOO_SLOW" });
      continue;
    }
    const sql = overlapSql(some, schema, (table) => classes.get(table), most);
    const answer = await attempt(client, async () => (await client.query(sql)).rows, patience);
    if ("sqlState" in answer) {
      result.unseen.push({ of, ...whyUnseen(answer.sqlState) });
      continue;
    }
    for (const { n, ...overlap } of answer.value) {
      const link = some[n];
      if (link !== undefined) result.overlaps.set(link, overlap);
    }
  }
  return result;
}

function byColumn(links: readonly Link[]): [Link, ...Link[]][] {
  const groups: [Link, ...Link[]][] = [];
  for (const link of links) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const same = first?.child === link.child && first.childColumns[0] === link.childColumns[0];
    if (group !== undefined && same && group.length < pairsAtOnce) group.push(link);
    else groups.push([link]);
  }
  return groups;
}
