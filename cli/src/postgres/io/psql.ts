import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { ChildExit, DsError } from "../../errors/ds-error.ts";
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
  // Ctrl-C is psql's: it cancels the query there.
  runtime.takeSignals((signal) => {
    if (signal !== "SIGINT") psql.kill(signal);
  });
  const psql = spawn("psql", args, {
    // Everybody on the machine can read another process's arguments, but not its environment.
    env: { ...runtime.env, ...libpqEnvironment(connection) },
    stdio: "inherit",
  });
  try {
    await once(psql, "spawn");
  } catch (error) {
    throw new DsError("PREREQUISITE_MISSING", "psql is not installed, or not in the PATH", {
      reason: "PSQL_MISSING",
      hint:
        "Install PostgreSQL's client (Debian, Ubuntu: apt install postgresql-client; macOS: brew install libpq), " +
        "or give the address to another program: ds db url",
      cause: error,
    });
  }
  const [status, signal] = (await once(psql, "exit")) as [number | null, string | null];
  if (status !== 0) throw new ChildExit(shellStatus({ status, signal }, constants.signals));
}
