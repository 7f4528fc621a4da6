import type { AppContext } from "../../app-context.ts";
import { runOnStage } from "../../processes/io/run-on-stage.ts";

interface Flags {
  target?: string;
  migrate: boolean;
}

/** Runs one of the configured processes, or all of them, on the stage's database. */
export default async function run(context: AppContext, flags: Flags, name?: string): Promise<void> {
  await runOnStage(context, name, { target: flags.target, migrate: flags.migrate });
}
