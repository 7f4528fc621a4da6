import type { AppContext } from "../../app-context.ts";
import { ownBranch } from "../../branches/io/own-branch.ts";
import { verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import { DsError } from "../../errors/ds-error.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import { runSeed, sizedSeed } from "../../setup/io/seed.ts";

interface Flags {
  target?: string;
  size?: string;
}

/** Loads data into a stage's own branch with the project's seed command, and says how to be rid of it. */
export default async function seed(context: AppContext, flags: Flags): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const command = sizedSeed(config.seed, flags.size, "--size");
  if (command === undefined) {
    throw new DsError("CONFIG_INVALID", "ds.config.ts has no seed: nobody said what loads data", {
      hint: 'Name the command, for example: seed: { command: "npm run seed" }',
    });
  }
  const target = await ownBranch(context, flags.target, "seeded");
  const { stage, branch } = target;
  const url = await target.connectionUrl();
  await verifyBranchIdentity(target, url);
  const what = `branch ${branch.name}`;
  const before = await withPostgres(url, { what }, async (client) => {
    const { rows } = await client.query<{ now: string }>(
      `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
    );
    return (rows[0] as { now: string }).now;
  });
  const back = `ds db restore --at ${before}${targetWords(flags)}`;
  await output
    .step(`Loading data into ${branch.name}`, (step) =>
      runSeed(context, config, command, url, step),
    )
    .catch((error: unknown) => {
      output.note(
        `whatever it loaded before it failed is in ${branch.name}; to be rid of that: ${back}`,
      );
      throw error;
    });
  output.result(
    {
      status: "seeded",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      size: command.size ?? null,
      before,
    },
    `The seed command has loaded its data into ${branch.name}.\nTo be rid of it: ${back}`,
  );
}
