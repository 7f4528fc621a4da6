import { constants as fileConstants, promises as fs } from "node:fs";
import { constants } from "node:os";
import { codeOf } from "../../../errors/code-of.ts";
import { ChildExit } from "../../../errors/ds-error.ts";
import { type Child, startChild } from "../../../lib/process/io/child.ts";
import { runChild } from "../../../lib/process/io/run-child.ts";
import { shellStatus } from "../../../lib/process/run-end.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { libpqEnvironment, parseConnectionUrl } from "../../connection-url.ts";
import { olderPsql, psqlPlaces } from "../psql-version.ts";

/**
 * Runs psql on the database of the URL, in this terminal; ChildExit with its status unless that is 0. False where there
 * is no psql. It is the one of the PATH; where that is older than the server, one of the server's version, if it is where
 * packages put it.
 *
 * @param major of the server
 */
export async function runPsql(
  runtime: Pick<Runtime, "env" | "takeSignals" | "output">,
  url: string,
  { args, major }: { args: readonly string[]; major: number },
): Promise<boolean> {
  const program = await choosePsql(runtime, major);
  if (program === undefined) return false;
  const connection = parseConnectionUrl(url);
  let psql: Child | undefined;
  // Ctrl-C is psql's: it cancels the query there.
  runtime.takeSignals((signal) => {
    if (signal !== "SIGINT") psql?.kill(signal);
  });
  try {
    psql = await startChild({
      program,
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

/** Undefined where there is none in the PATH. */
async function choosePsql(
  { env, output }: Pick<Runtime, "env" | "output">,
  major: number,
): Promise<string | undefined> {
  const asked = { program: "psql", args: ["--version"], env, output: "pipe" as const };
  const printed = await runChild(asked).then(
    ({ stdout }) => stdout.toString("utf8"),
    (error) => {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    },
  );
  if (printed === undefined) return undefined;
  const older = olderPsql(printed, major);
  if (older === undefined) return "psql";
  for (const place of psqlPlaces(major, process.platform)) {
    const isThere = await fs.access(place, fileConstants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  output.note(
    `psql is of PostgreSQL ${older}, the branch of ${major}: some backslash commands may fail. psql ${major} is used as soon as it is first in the PATH.`,
  );
  return "psql";
}
