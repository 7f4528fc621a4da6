import { constants } from "node:os";
import { codeOf } from "../../errors/code-of.ts";
import { ChildExit } from "../../errors/ds-error.ts";
import { type Child, startChild } from "../../lib/process/io/child.ts";
import { shellStatus } from "../../lib/process/run-end.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { libpqEnvironment, parseConnectionUrl } from "../connection-url.ts";

/**
 * Runs psql on the database of the URL, in this terminal; ChildExit with its status unless that is 0. False where there
 * is no psql.
 */
export async function runPsql(
  runtime: Pick<Runtime, "env" | "takeSignals">,
  url: string,
  args: readonly string[],
): Promise<boolean> {
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
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
  const ended = await psql.exited;
  if (ended.status !== 0) throw new ChildExit(shellStatus(ended, constants.signals));
  return true;
}
