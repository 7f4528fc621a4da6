import type { MigrationCommand } from "../../../config/migrator.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { lastLines, runShell } from "../../../lib/process/io/run-shell.ts";
import { parseConnectionUrl } from "../../../postgres/connection-url.ts";
import type { Step } from "../../../runtime/output.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

type Needs = Pick<Runtime, "env" | "output" | "signal">;

interface CommandTarget {
  url: string;
  /** For errors: `branch dev-phil-local`. */
  what: string;
  /** It is thrown away when the command fails. */
  discarded?: boolean;
}

/** What a shell reports of a program that it cannot find, or cannot run. */
const notRun = [126, 127];

/** Applies migrations with the command of another tool; the URL is in its environment only. */
export async function runMigrationCommand(
  context: Needs,
  config: ProjectConfig,
  { command, cwd }: MigrationCommand,
  target: CommandTarget,
): Promise<void> {
  const title = `Running ${command} on ${target.what}`;
  const end = await context.output.step(title, async (step) => {
    const end = await run(context, config, { line: command, cwd }, target, step);
    if (!end.succeeded) throw failure(command, cwd, target, end);
    return end;
  });
  for (const line of end.said.split(/[\r\n]+/)) if (line.trim() !== "") context.output.detail(line);
}

/** What another tool says of its migrations; `said` is all that it has said. */
export async function askMigrationCommand(
  context: Needs,
  config: ProjectConfig,
  { cwd }: MigrationCommand,
  check: string,
  target: CommandTarget,
): Promise<{ isPending: boolean; status: number; said: string }> {
  const end = await context.output.step(`Running ${check} on ${target.what}`, (step) =>
    run(context, config, { line: check, cwd }, target, step),
  );
  if (end.status === null || notRun.includes(end.status)) throw failure(check, cwd, target, end);
  return { isPending: !end.succeeded, status: end.status, said: end.said };
}

/** @param again that runs it again */
export function commandInterrupted(error: unknown, again: string): unknown {
  const isInterrupt = error instanceof DsError && error.code === "INTERRUPTED";
  return isInterrupt ? error.with({ hint: `\`${again}\` runs it again` }) : error;
}

type End = Awaited<ReturnType<typeof runShell>>;

function run(
  { env, output, signal }: Needs,
  { envFile }: ProjectConfig,
  { line, cwd }: { line: string; cwd: string },
  { url }: CommandTarget,
  step: Step,
): Promise<End> {
  const { password = "" } = parseConnectionUrl(url);
  // The tool may print it in any form.
  for (const secret of [password, encodeURIComponent(password)]) output.hide(secret);
  return runShell({
    what: `\`${line}\``,
    line,
    cwd,
    env: { ...env, [envFile.url]: url, [envFile.unpooledUrl]: url },
    signal,
    onLine: (text) => {
      if (text.trim() !== "") step.update(text.trim());
    },
  });
}

function failure(line: string, cwd: string, target: CommandTarget, end: End): DsError {
  const { what, discarded = false } = target;
  const { how, said, status } = end;
  const details = { command: line, status };
  if (status !== null && notRun.includes(status)) {
    return new DsError(
      "PREREQUISITE_MISSING",
      `\`${line}\` cannot be run in ${cwd}: it ${how}${lastLines(said)}`,
      {
        reason: "MIGRATION_COMMAND_MISSING",
        hint: "Is the tool installed? Correct `migrations` in ds.config.ts",
        details,
      },
    );
  }
  return new DsError("UPSTREAM", `\`${line}\` failed on ${what}: it ${how}${lastLines(said)}`, {
    reason: "MIGRATION_COMMAND_FAILED",
    hint: `${discarded ? "" : "What it had applied by then stays. "}Correct what it complains about, then run this again`,
    details,
  });
}
