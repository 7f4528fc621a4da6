import { constants } from "node:os";
import { ChildExit, DsError } from "../../errors/ds-error.ts";
import { type Child, startChild } from "../../lib/process/io/child.ts";
import { shellStatus } from "../../lib/process/run-end.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { libpqEnvironment, parseConnectionUrl } from "../connection-url.ts";

/** Runs psql on the database of the URL, in this terminal; ChildExit with its status unless that is 0. */
export async function runPsql(
  runtime: Pick<Runtime, "env" | "takeSignals">,
  url: string,
  args: readonly string[],
): Promise<void> {
  const connection = parseConnectionUrl(url);
  let psql: Child | undefined;
  // Ctrl-C is psql's: it cancels the query there.
  runtime.takeSignals((signal) => {
    if (signal !== "SIGINT") psql?.kill(signal);
  });
  try {
    psql = await startChild({
      program: "psql",
      args,
      // Everybody on the machine can read another process's arguments, but not its environment.
      env: { ...runtime.env, ...libpqEnvironment(connection) },
      input: "terminal",
      output: "terminal",
    });
  } catch (error) {
    throw new DsError("PREREQUISITE_MISSING", "psql is not installed, or not in the PATH", {
      reason: "PSQL_MISSING",
      hint:
        "Install PostgreSQL's client (Debian, Ubuntu: apt install postgresql-client; macOS: brew install libpq), " +
        "or give the address to another program: ds db url",
      cause: error,
    });
  }
  const ended = await psql.exited;
  if (ended.status !== 0) throw new ChildExit(shellStatus(ended, constants.signals));
}
