import { spawn } from "node:child_process";
import type { ProjectConfig, SeedCommand } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { Step } from "../../runtime/output.ts";
import type { Runtime } from "../../runtime/runtime.ts";

const keptLines = 20;

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
  { env, output, signal }: Pick<Runtime, "env" | "output" | "signal">,
  config: ProjectConfig,
  seed: SeedCommand,
  url: string,
  step: Step,
): Promise<void> {
  const command = seed.command.replaceAll("{size}", seed.size ?? "");
  // A group of its own, so that an interrupt reaches what the shell has started, too.
  const child = spawn(command, {
    shell: true,
    detached: true,
    cwd: seed.cwd,
    env: { ...env, [config.envFile.url]: url, [config.envFile.unpooledUrl]: url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const keep = (chunk: string) => {
    for (const line of chunk.split(/[\r\n]+/).filter((text) => text.trim() !== "")) {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      step.update(line.trim());
      output.detail(line);
    }
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", keep);
  const end = () => killGroup(child.pid);
  signal.addEventListener("abort", end, { once: true });
  try {
    const how = await new Promise<string | undefined>((ended, failed) => {
      child.on("error", (cause) =>
        failed(
          new DsError(
            "PREREQUISITE_MISSING",
            `the seed command cannot be started in ${seed.cwd}: ${cause.message}`,
            { cause },
          ),
        ),
      );
      child.on("close", (code, by) => ended(code === 0 ? undefined : (by ?? `exit ${code}`)));
    });
    if (signal.aborted) throw new DsError("INTERRUPTED", "interrupted while loading data");
    if (how === undefined) return;
    const said = lines.map((line) => `  ${line}`).join("\n");
    throw new DsError(
      "UPSTREAM",
      `the seed command failed (${how}): ${command}${said && `\n${said}`}`,
      {
        hint: "Correct it (seed.command in ds.config.ts), then run this again",
      },
    );
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It ended by itself in the meantime.
  }
}
