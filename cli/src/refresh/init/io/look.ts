import type { Client } from "pg";
import { recordTables } from "../../../config/migrator.ts";
import type { HasConfig, ProjectConfig, RefreshRules } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import { beginLooking } from "../../copy/io/sessions.ts";
import type { readCatalogue } from "../../model/io/read-catalogue.ts";
import { openSource } from "../../run/io/source.ts";
import { type Unseen, unseenText } from "../../samples/unseen.ts";
import type { Draft, Proposal, SaidTenant } from "../propose.ts";
import type { RowCounts } from "../propose-tables.ts";
import type { Refused } from "./fit-masks.ts";
import { migratedRows } from "./fresh-main.ts";
import { propose } from "./propose-from.ts";

type Context = Runtime & HasConfig & HasTarget & HasNeon & HasEngine;

/** Where production is, by the configuration or as the proposal names it. */
export type From = RefreshRules["from"] | undefined;

const proposedVariable = "PRODUCTION_DATABASE_URL";

export interface Looked {
  proposal: Proposal | undefined;
  /** The tables, where none of them looks like that of the organizations. */
  draft: Draft | undefined;
  schema: Awaited<ReturnType<typeof readCatalogue>>;
  /** What the tables and values were read of. */
  of: string;
  /** What could not be looked at. */
  unseen: string[];
  /** Masks that were not proposed, as a check constraint does not let them in. */
  refused: Refused[];
  /** The tables and columns among it. */
  unseenValues: Unseen[];
}

/** Reads names, and what values look like, of production, or of main where production cannot be read. */
export async function look(
  context: Context,
  main: Target,
  { from, said }: { from: From; said: SaidTenant | undefined },
): Promise<Looked> {
  const config = await context.config();
  const unseen: string[] = [];
  const { client, of, isSource } = await open(context, main, from, unseen);
  // Two servers at once: neither needs the other before both have been looked at.
  const running = rowsOfMigrations(context, main, config);
  try {
    await beginLooking(client, { tenant: "", maskKey: "" });
    const without = recordTables(config.migrations, config.migrator);
    const migrated = running.then(({ rows }) => rows);
    const looked = await propose(client, { without, migrated, said, isSource });
    const { unknown } = await running;
    const more = [...looked.unseen, ...unseenText(looked.unseenValues)];
    return { ...looked, of, unseen: [...unknown, ...unseen, ...more] };
  } finally {
    await Promise.all([client.end().catch(() => {}), running]);
  }
}

/** Does not fail: none, and why, where nobody can tell. */
async function rowsOfMigrations(
  context: Context,
  main: Target,
  config: ProjectConfig,
): Promise<{ rows: RowCounts; unknown: string[] }> {
  const none = (why: string) => ({
    rows: new Map(),
    unknown: [`which rows the migrations make: ${why}`],
  });
  if (config.migrator.kind === "none") return none("ds runs none here");
  try {
    const rows = await context.output.step("Running the migrations on an empty database", () =>
      migratedRows(context, main, config),
    );
    return { rows, unknown: [] };
  } catch (error) {
    return none(toDsError(error).message);
  }
}

/** Production, where it can be read; else main. */
async function open(
  context: Context,
  main: Target,
  from: From,
  unseen: string[],
): Promise<{ client: Client; of: string; isSource: boolean }> {
  const ofMain = async () => {
    const what = `branch ${main.branch.name}`;
    const client = await connectPostgres(await main.connectionUrl(), { what });
    return { client, of: `${what} of ${main.project.name}`, isSource: false };
  };
  const url = context.env[proposedVariable]?.trim();
  if (from === undefined && !url) {
    unseen.push(`production: neither refresh.from nor ${proposedVariable} says where it is`);
    return ofMain();
  }
  try {
    if (from === undefined && url) {
      const of = `the database in ${proposedVariable}`;
      return { client: await connectPostgres(url, { what: of }), of, isSource: true };
    }
    const source = await openSource(context, { from: from ?? "" });
    const client = await source.connect();
    try {
      await source.verify(client);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return { client, of: source.what, isSource: true };
  } catch (error) {
    if (context.signal.aborted) throw error;
    unseen.push(`production: ${toDsError(error).message}`);
    return ofMain();
  }
}
