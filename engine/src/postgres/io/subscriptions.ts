import { statSync } from "node:fs";
import { join } from "node:path";
import { type AdminAddress, asAdmin, quoteIdentifier } from "./admin.ts";

/** The file of pg_subscription in every data directory: a catalog of the whole cluster, empty at first. */
const catalogFile = join("global", "6100");

/** Whether a data directory may hold subscriptions; false where none was ever made. */
export function maySubscribe(dataDir: string): boolean {
  return (statSync(join(dataDir, catalogFile), { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** With this a server does not begin to fetch what its subscriptions are about. */
export const withoutSubscribing = { max_logical_replication_workers: "0" };

/**
 * Removes the subscriptions of a copy; those of the original go on. Both would take from one slot of the publisher, and
 * each get a part. The publisher is not asked.
 */
export async function dropSubscriptions(address: AdminAddress): Promise<void> {
  const found = await asAdmin(address, "postgres", async (client) => {
    const { rows } = await client.query<{ database: string; name: string }>(
      `select d.datname as database, s.subname as name
       from pg_subscription s join pg_database d on d.oid = s.subdbid`,
    );
    return rows;
  });
  for (const { database, name } of found) {
    const subscription = quoteIdentifier(name);
    await asAdmin(address, database, async (client) => {
      await client.query(`alter subscription ${subscription} disable`);
      await client.query(`alter subscription ${subscription} set (slot_name = none)`);
      await client.query(`drop subscription ${subscription}`);
    });
  }
}
