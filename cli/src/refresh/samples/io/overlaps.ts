import type { Client } from "pg";
import { monotonicMs } from "../../../lib/async/monotonic.ts";
import { shownColumn } from "../../model/names.ts";
import type { Link, Schema } from "../../rules/links.ts";
import type { Classified } from "../../rules/ownership.ts";
import { type Overlap, overlapSql } from "../overlap-sql.ts";
import type { Unseen } from "../unseen.ts";
import { inBatches } from "./batches.ts";

/** In one statement; of one column there are no more. */
const pairsAtOnce = 100;
const patience = {
  together: { statementMs: 1500, lockMs: 500 },
  alone: { statementMs: 2000, lockMs: 1000 },
};
/** Of all columns of one call: a proposal is waited for. */
const budgetMs = 3000;

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
  await inBatches(client, byColumn(links), {
    atOnce: pairsAtOnce,
    width: ({ length }) => length,
    patience,
    isLate: () => monotonicMs() > deadline,
    look: async (some) => {
      const sql = overlapSql(some, schema, (table) => classes.get(table), most);
      const { rows } = await client.query<Overlap & { n: number }>(sql);
      const asked = some.flat();
      return () => {
        for (const { n, ...overlap } of rows) {
          const link = asked[n];
          if (link !== undefined) result.overlaps.set(link, overlap);
        }
      };
    },
    noteUnseen: ([{ child, childColumns }], why) => {
      result.unseen.push({ of: shownColumn(child, childColumns[0] ?? ""), ...why });
    },
  });
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
