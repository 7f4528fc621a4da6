import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import type { AppContext } from "../../app-context.ts";
import { ChildExit, DsError } from "../../errors/ds-error.ts";
import { shellStatus } from "../../lib/process/run-end.ts";
import { libpqEnvironment, parseConnectionUrl } from "../../postgres/connection-url.ts";
import { stageOrBranch } from "../../stages/io/stage-or-branch.ts";

interface Flags {
  target?: string;
  branch?: string;
}

/** Opens psql on the stage's branch; what follows `--` goes to psql. */
export default async function connect(
  context: AppContext,
  flags: Flags,
  ...args: string[]
): Promise<void> {
  const target = await stageOrBranch(context, flags);
  const url = parseConnectionUrl(await target.connectionUrl());
  context.output.note(
    `stage ${target.stage.name}, branch ${target.branch.name} (${target.branch.id})`,
  );
  // Ctrl-C is psql's: it cancels the query there.
  context.takeSignals((signal) => {
    if (signal !== "SIGINT") psql.kill(signal);
  });
  const psql = spawn("psql", args, {
    // Everybody on the machine can read another process's arguments, but not its environment.
    env: { ...context.env, ...libpqEnvironment(url) },
    stdio: "inherit",
  });
  try {
    await once(psql, "spawn");
  } catch (error) {
    throw new DsError("PREREQUISITE_MISSING", "psql is not installed, or not in the PATH", {
      hint:
        "Install PostgreSQL's client (Debian, Ubuntu: apt install postgresql-client; macOS: brew install libpq), " +
        "or give the address to another program: ds db url",
      cause: error,
    });
  }
  const [status, signal] = (await once(psql, "exit")) as [number | null, string | null];
  if (status !== 0) throw new ChildExit(shellStatus({ status, signal }, constants.signals));
}
