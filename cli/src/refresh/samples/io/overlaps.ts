import type { Client } from "pg";
import { shownColumn } from "../../model/names.ts";
import type { Link, Schema } from "../../rules/links.ts";
import type { Classified } from "../../rules/ownership.ts";
import { type Overlap, overlapSql } from "../overlap-sql.ts";
import { attempt } from "./sample-columns.ts";

/** Of one column, in one statement. */
const pairsAtOnce = 100;

export interface Overlaps {
  overlaps: Map<Link, Overlap>;
  /** Columns whose values could not be compared. */
  unseen: string[];
}

/**
 * Looks up some values of each column among the keys that it may refer to, in a transaction. No value leaves the
 * server, and no question takes longer than two seconds of it.
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
  await client.query("set local statement_timeout = '2s'");
  for (const some of byColumn(links)) {
    const sql = overlapSql(some, schema, (table) => classes.get(table), most);
    const answer = await attempt(client, async () => (await client.query(sql)).rows);
    if (typeof answer === "string") {
      const [{ child, childColumns }] = some;
      result.unseen.push(`${shownColumn(child, childColumns[0] ?? "")} (${answer})`);
      continue;
    }
    for (const { n, ...overlap } of answer) {
      const link = some[n];
      if (link !== undefined) result.overlaps.set(link, overlap);
    }
  }
  await client.query("set local statement_timeout = 0");
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
