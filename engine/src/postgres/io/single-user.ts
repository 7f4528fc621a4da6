import { spawn } from "node:child_process";
import { join } from "node:path";
import { hasServerErrors } from "../server-messages.ts";
import type { ComputeEnvironment } from "./launch.ts";

/**
 * Runs statements on a data directory that no server runs on. Nobody can connect meanwhile, and no password is
 * asked for.
 */
export async function singleUser(
  { binaries, user }: Pick<ComputeEnvironment, "binaries" | "user">,
  dataDir: string,
  statements: readonly string[],
): Promise<void> {
  const options = ["-c", "synchronous_commit=local", "-c", "max_prepared_transactions=100"];
  const args = ["--single", "-D", dataDir, ...options, "postgres"];
  const child = spawn(join(binaries.bin, "postgres"), args, {
    cwd: dataDir,
    env: singleUserEnv,
    ...user,
    stdio: ["pipe", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  // One that ends before it has read everything says why on stderr.
  child.stdin.on("error", () => {});
  child.stdin.end(statements.map((statement) => `${statement}\n`).join(""));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status !== 0 || hasServerErrors(complaints)) {
    throw new Error(`Postgres in single-user mode failed on ${dataDir}: ${complaints.trim()}`);
  }
}

/** What a Postgres without clients gets of the environment. */
export const singleUserEnv = { LC_ALL: "C", TZ: "UTC", PATH: "/usr/bin:/bin" };
