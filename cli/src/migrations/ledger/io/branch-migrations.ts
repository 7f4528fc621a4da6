import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { writeFileAtomic } from "../../../lib/io/write-file-atomic.ts";
import type { Branch } from "../../../neon/model.ts";
import { homeFolder } from "../../../runtime/io/home-folder.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import type { BegunMigration } from "../begun.ts";
import { compareWithLedger, type LedgerRow, type MigrationStates, toRun } from "../compare.ts";
import { begunMigrations } from "./begun.ts";
import { readLedger } from "./ledger.ts";
import { readSteps, type StepRow } from "./steps-table.ts";

/** How the migrations of a branch stood when somebody last looked. */
export interface KnownMigrations {
  states: MigrationStates;
  /** Those of the pending ones that were carried out in part. */
  begun: BegunMigration[];
  /** ISO 8601. */
  asOf: string;
}

/** What the database said, so that it can be compared with the checkout of another day. */
interface Seen {
  asOf: string;
  rows: LedgerRow[];
  /** Of the side table; read where something was pending only. */
  steps?: StepRow[];
}

type Needs = Pick<Runtime, "cwd" | "home">;

/** Reads the ledger, and remembers it for the time when the branch sleeps. */
export async function lookAtMigrations(
  context: Needs,
  config: ProjectConfig,
  branchId: string,
  client: Client,
): Promise<KnownMigrations> {
  const { rows } = await readLedger(client, config.migrations);
  const seen: Seen = { asOf: new Date().toISOString(), rows };
  try {
    const folder = migrationFolder(config, context.cwd);
    if (toRun(folder, compareWithLedger(folder, rows)).length > 0) {
      seen.steps = await readSteps(client, config.migrations);
    }
    return await compare(folder, seen);
  } finally {
    await remember(context, branchId, seen);
  }
}

/** As of the last look; undefined when nobody has looked yet, or the branch has other data since. */
export async function rememberedMigrations(
  context: Needs,
  config: ProjectConfig,
  { id, lastResetAt }: Pick<Branch, "id" | "lastResetAt">,
): Promise<KnownMigrations | undefined> {
  try {
    const seen = JSON.parse(readFileSync(memoryOf(context.home, id), "utf8")) as Seen;
    if (lastResetAt !== undefined && Date.parse(seen.asOf) < Date.parse(lastResetAt))
      return undefined;
    return await compare(migrationFolder(config, context.cwd), seen);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
}

async function compare(
  folder: MigrationFolder,
  { asOf, rows, steps = [] }: Seen,
): Promise<KnownMigrations> {
  const states = compareWithLedger(folder, rows);
  return { states, begun: await begunMigrations(toRun(folder, states), steps), asOf };
}

/** Only a memory: without it a sleeping branch shows no migrations. */
async function remember({ home }: Needs, branchId: string, seen: Seen): Promise<void> {
  await homeFolder(home, "cache", "migrations")
    .then(() => writeFileAtomic(memoryOf(home, branchId), JSON.stringify(seen)))
    .catch(() => {});
}

const memoryOf = (home: string, branchId: string) =>
  join(home, "cache", "migrations", `${branchId.replace(/[^\w-]/g, "_")}.json`);
