import { DsError } from "../../../errors/ds-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { commandsIn } from "../input.ts";
import { runPsql } from "./psql.ts";
import { runPrompt } from "./run-prompt.ts";

/** psql with its arguments; where there is none, our own prompt, which knows of them only `-c`. `major`: the server's version. */
export async function psqlOrPrompt(
  runtime: Runtime,
  url: string,
  { what, args, major }: { what: string; args: readonly string[]; major: number },
): Promise<void> {
  if (await runPsql(runtime, url, { args, major })) return;
  const install = "Debian, Ubuntu: apt install postgresql-client; macOS: brew install libpq";
  const commands = commandsIn(args);
  if (commands === undefined) {
    throw new DsError("PREREQUISITE_MISSING", "psql is not installed, or not in the PATH", {
      reason: "PSQL_MISSING",
      hint: `Without it only -c is known. Install PostgreSQL's client (${install}), or give the address to another program: ds db url`,
    });
  }
  if (commands.length === 0) {
    runtime.output.note(`psql is not installed (${install}): this is a small prompt of ds's own.`);
  }
  await runPrompt(runtime, url, { what, commands });
}
