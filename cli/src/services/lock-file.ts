import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../errors.ts";
import { homeFolder } from "./home-folder.ts";

export interface LockOptions {
  home: string;
  /** `[a-z0-9-]+`; one lock a name and home. */
  name: string;
  signal: AbortSignal;
  waitMs: number;
  /** Called once when somebody else has it and there is time to wait. */
  onWait(pid: number): void;
  /** What the holder does, for the error: `another ds db refresh-staging`. */
  holder?: string;
}

/**
 * Runs the work while no other process of this home runs work under the same name. The lock is a
 * file with its holder's pid and start time; that of a holder that is gone is taken over.
 */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const path = join(await homeFolder(options.home, "locks"), `${options.name}.lock`);
  const mine = `${process.pid} ${(await startTime(process.pid)) ?? ""} ${randomUUID()}`;
  await acquire(path, mine, options);
  try {
    return await work();
  } finally {
    if ((await readFile(path, "utf8").catch(() => "")) === mine) await rm(path, { force: true });
  }
}

async function acquire(path: string, mine: string, options: LockOptions): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, mine, { mode: 0o600 });
  const deadline = Date.now() + options.waitMs;
  let told = false;
  try {
    // A link appears with its content, and fails when the name exists: nobody sees an empty lock.
    while (!(await linked(draft, path))) {
      const holder = await readFile(path, "utf8").catch(() => undefined);
      if (holder === undefined) continue;
      const pid = Number(holder.split(" ")[0]);
      if (await isGone(holder)) {
        await takeAway(path, holder);
        continue;
      }
      if (!told && options.waitMs > 0) options.onWait(pid);
      told = true;
      if (Date.now() >= deadline) {
        const holder = `${options.holder ?? "another ds"} (pid ${pid})`;
        const what = options.waitMs === 0 ? "is running" : "has been at it for too long";
        throw new DsError("LOCKED", `${holder} ${what}`, {
          hint: `Wait for it to end, or end it: kill ${pid}`,
          details: { pid },
        });
      }
      await sleep(100, undefined, { signal: options.signal }).catch(() => {
        throw new DsError(
          "INTERRUPTED",
          `interrupted while waiting for another ds (pid ${pid}); nothing was changed`,
        );
      });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead holder's lock aside; if it was somebody's new one by then, it is put back. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  const content = await readFile(aside, "utf8").catch(() => dead);
  if (content !== dead) await linked(aside, path);
  await rm(aside, { force: true });
}

async function isGone(holder: string): Promise<boolean> {
  const [pid = "", started = ""] = holder.split(" ");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  // The number may have gone to another process since.
  const now = await startTime(Number(pid));
  return started !== "" && now !== undefined && now !== started;
}

/** The kernel's start time of a process; undefined where there is no /proc. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field, the program's name in parentheses, may hold blanks.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
