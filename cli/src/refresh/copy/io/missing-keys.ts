import type { Reference } from "../../model/plan.ts";
import { missingKeysSql, takeKeysSql } from "../referenced-rows-sql.ts";
import type { Pair } from "./copy-tables.ts";

/** Keys that are asked for at once: what bounds the memory of this process. */
const keysAtOnce = 10_000;

/**
 * Looks on the target for keys whose parents are not there, and gives them to the source in its settings
 * `ds.keys1`, `ds.keys2` ..., some thousand at a time.
 *
 * @param rows the children that are looked at, as SQL
 * @param ask what the source is to be asked of them
 */
export async function askForMissing(
  { source, target }: Pair,
  reference: Reference,
  rows: string,
  ask: () => Promise<void>,
): Promise<void> {
  await target.query(`create temporary table ds_missing as ${missingKeysSql(reference, rows)}`);
  const take = takeKeysSql("pg_temp.ds_missing", reference.childKey.length, keysAtOnce);
  for (;;) {
    const { count = 0, ...arrays } = (await target.query(take)).rows[0] ?? {};
    if (count === 0) break;
    await setKeys(source, Object.values(arrays));
    await ask();
  }
  await target.query("drop table pg_temp.ds_missing");
}

/** @param keys arrays as Postgres writes them, one for each column */
async function setKeys(source: Pair["source"], keys: readonly string[]): Promise<void> {
  const settings = keys.map((_, at) => `set_config('ds.keys${at + 1}', $${at + 1}, false)`);
  await source.query(`select ${settings.join(", ")}`, [...keys]);
}
