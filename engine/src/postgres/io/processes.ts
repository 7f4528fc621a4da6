import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** False also for a zombie: it has ended, only nobody has collected it (some containers never do). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return linuxState(pid) !== "Z";
}

/** One letter as in proc(5), or undefined on other systems and for a process that is gone. */
function linuxState(pid: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0];
  } catch {
    return undefined;
  }
}

/** The command line of a process, or undefined when there is none. */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return text ? text.split("\0").join(" ") : undefined;
  }
  const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() || undefined;
}

/**
 * The postmaster that runs on this data directory, if one does. The pid file alone proves nothing:
 * pids are used again, so the process must name the directory on its command line.
 */
export async function findPostmaster(dataDir: string): Promise<number | undefined> {
  const pid = postmasterPid(dataDir);
  if (pid === undefined || !isAlive(pid)) return undefined;
  const command = await commandLine(pid);
  return command?.includes(dataDir) ? pid : undefined;
}

function postmasterPid(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** True once the postmaster has written that it accepts connections (line 8 of its pid file). */
export function postmasterReady(dataDir: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

/**
 * Ends a postmaster: fast shutdown, and after `graceMs` an immediate one, which costs the next start
 * a recovery but no data. Processes that a killed engine left frozen are woken first.
 */
export async function stopPostmaster(pid: number, graceMs = 20_000): Promise<void> {
  for (const child of await descendants(pid)) signal(child, "SIGCONT");
  signal(pid, "SIGCONT");
  signal(pid, "SIGINT");
  if (await gone(pid, graceMs)) return;
  signal(pid, "SIGQUIT");
  if (await gone(pid, 10_000)) return;
  signal(pid, "SIGKILL");
  await gone(pid, 5_000);
}

export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(5);
  }
  return true;
}

/** Pids of a postmaster's children; Postgres' processes have no children of their own. */
export async function descendants(pid: number): Promise<number[]> {
  if (process.platform === "linux") {
    try {
      const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
      return text.split(" ").filter(Boolean).map(Number);
    } catch {
      // A kernel without that file: ask ps, as everywhere else.
    }
  }
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child as number);
}

/** True when the process is stopped (or has gone): it can write nothing. */
export async function isStopped(pid: number): Promise<boolean> {
  if (process.platform === "linux") return "TtZX".includes(linuxState(pid) ?? "X");
  const { stdout } = await run("ps", ["-o", "stat=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() === "" || "TZ".includes(stdout.trim()[0] as string);
}
