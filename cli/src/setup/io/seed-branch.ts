import { ownBranch } from "../../branches/io/own-branch.ts";
import { verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { runSeed, sizedSeed } from "./seed.ts";

export interface SeedReport {
  target: Target;
  size: string | undefined;
  /** The server's time before anything was loaded: ISO 8601 in UTC, with microseconds. */
  before: string;
  /** The command that brings back what was there before. */
  back: string;
}

/** Loads data into a stage's own branch with the project's seed command. */
export async function seedBranch(
  context: Runtime & HasConfig & HasDeveloper & HasStage & HasTarget,
  flags: { target?: string; size?: string },
): Promise<SeedReport> {
  const seed = sizedSeed((await context.config()).seed, flags.size, "--size");
  if (seed === undefined) {
    throw new DsError("CONFIG_INVALID", "ds.config.ts has no seed: nobody said what loads data", {
      reason: "SEED_MISSING",
      hint: 'Name the command, for example: seed: { command: "npm run seed" }',
    });
  }
  const target = await ownBranch(context, flags.target, "seeded");
  const { branch } = target;
  const url = await target.connectionUrl();
  await verifyBranchIdentity(target, url);
  const before = await serverTime(url, branch.name);
  const back = `ds db restore --at ${before}${targetWords(flags)}`;
  const loading = {
    done: `the seed command loaded its data into ${branch.name}`,
    unclear: `what the seed command has loaded is in ${branch.name}`,
    stopped: `the seed command was stopped, and what it has loaded is in ${branch.name}`,
  };
  const { changes } = context.output;
  context.signal.throwIfAborted();
  await context.output
    .step(`Loading data into ${branch.name}`, (step) =>
      changes.during(loading, () => runSeed(context, seed, url, step)),
    )
    .catch((error: unknown) => {
      if (isInterrupt(error)) throw error.with({ hint: `To remove it: ${back}` });
      context.output.note(
        `whatever it loaded before it failed is in ${branch.name}; to be rid of that: ${back}`,
      );
      throw error;
    });
  return { target, size: seed.size, before, back };
}

const isInterrupt = (error: unknown): error is DsError =>
  error instanceof DsError && error.code === "INTERRUPTED";

function serverTime(url: string, branch: string): Promise<string> {
  return withPostgres(url, { what: `branch ${branch}` }, async (client) => {
    const { rows } = await client.query<{ now: string }>(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
    );
    return (rows[0] as { now: string }).now;
  });
}
