import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs a package manager or what it brought; undefined when it fails, as it does without a registry. */
export async function answerOf(
  command: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string | undefined> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 600_000,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [status] = await Promise.race([once(child, "close"), once(child, "error").then(() => [1])]);
  return status === 0 ? text : undefined;
}
