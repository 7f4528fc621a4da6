import type { HasConfig, SeedCommand } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { lastLines, runShell } from "../../lib/process/io/run-shell.ts";
import type { Step } from "../../runtime/output.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** The seed with the size that the flag asks for, which stands for {size} in a shell's command. */
export function sizedSeed(
  seed: SeedCommand | undefined,
  size: string | undefined,
  flag: string,
): SeedCommand | undefined {
  if (size === undefined) return seed;
  if (!/^[\w.-]+$/.test(size)) {
    throw new DsError("USAGE", `${flag} must be letters, digits, dots and hyphens, not "${size}"`);
  }
  if (!seed?.command.includes("{size}")) {
    throw new DsError(
      "USAGE",
      `${flag} has no effect, as the seed command in ds.config.ts has no {size} in it`,
    );
  }
  return { ...seed, size };
}

/** Runs the seed command on a database; the URL is in its environment only. */
export async function runSeed(
  { config, env, output, signal }: Pick<Runtime, "env" | "output" | "signal"> & HasConfig,
  seed: SeedCommand,
  url: string,
  step: Step,
): Promise<void> {
  const { envFile } = await config();
  const line = seed.command.replaceAll("{size}", seed.size ?? "");
  const { succeeded, status, how, said } = await runShell({
    what: "the seed command",
    line,
    cwd: seed.cwd,
    env: { ...env, [envFile.url]: url, [envFile.unpooledUrl]: url },
    signal,
    onLine: (text) => {
      if (text.trim() === "") return;
      step.update(text.trim());
      output.detail(text);
    },
  });
  if (succeeded) return;
  throw new DsError("UPSTREAM", `the seed command ${how}: ${line}${lastLines(said)}`, {
    reason: "SEED_FAILED",
    hint: "Correct it (seed.command in ds.config.ts), then run this again",
    details: { status },
  });
}
