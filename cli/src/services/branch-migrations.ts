import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import type { ProjectConfig } from "../config.ts";
import type { Context } from "../context.ts";
import { compareWithLedger, type LedgerRow, type MigrationStates } from "../core/migrations.ts";
import type { Branch } from "../core/model.ts";
import { homeFolder } from "./home-folder.ts";
import { migrationFolder } from "./migrator-folder.ts";
import { readLedger } from "./migrator-ledger.ts";
import { writeWhole } from "./write-whole.ts";

/** How the migrations of a branch stood when somebody last looked. */
export interface KnownMigrations {
  states: MigrationStates;
  /** ISO 8601. */
  asOf: string;
}

type Needs = Pick<Context, "cwd" | "home">;

/** Reads the ledger, and remembers it for the time when the branch sleeps. */
export async function lookAtMigrations(
  context: Needs,
  config: ProjectConfig,
  branchId: string,
  client: Client,
): Promise<KnownMigrations> {
  const { rows } = await readLedger(client, config.migrations);
  const asOf = new Date().toISOString();
  // Only a memory: without it a sleeping branch shows no migrations.
  await homeFolder(context.home, "cache", "migrations")
    .then(() => writeWhole(memoryOf(context.home, branchId), JSON.stringify({ asOf, rows })))
    .catch(() => {});
  return { states: compareWithLedger(migrationFolder(config, context.cwd), rows), asOf };
}

/** As of the last look; undefined when nobody has looked yet, or the branch has other data since. */
export async function rememberedMigrations(
  context: Needs,
  config: ProjectConfig,
  { id, lastResetAt }: Pick<Branch, "id" | "lastResetAt">,
): Promise<KnownMigrations | undefined> {
  try {
    const text = readFileSync(memoryOf(context.home, id), "utf8");
    const { asOf, rows } = JSON.parse(text) as { asOf: string; rows: LedgerRow[] };
    if (lastResetAt !== undefined && Date.parse(asOf) < Date.parse(lastResetAt)) return undefined;
    return { states: compareWithLedger(migrationFolder(config, context.cwd), rows), asOf };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

const memoryOf = (home: string, branchId: string) =>
  join(home, "cache", "migrations", `${branchId.replace(/[^\w-]/g, "_")}.json`);
