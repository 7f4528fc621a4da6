import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";

/** Adds a migration as Drizzle's generator would, later than all others. */
export function addMigration(checkout: Checkout, tag: string, sql: string): void {
  const folder = join(checkout.path, "backend/drizzle");
  const path = join(folder, "meta/_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8")) as { entries: { when: number }[] };
  const last = journal.entries.at(-1);
  const when = (last?.when ?? 0) + 60_000;
  const entry = { idx: journal.entries.length, version: "7", when, tag, breakpoints: true };
  writeFileSync(path, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  writeFileSync(join(folder, `${tag}.sql`), sql);
}
