import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";
import { isProcessRunning, processStartTime } from "../../lib/io/processes.ts";
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
  const mine = `${process.pid} ${processStartTime(process.pid) ?? ""} ${randomUUID()}`;
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
      if (isGone(holder)) {
        await takeAway(path, holder, draft);
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
        throw new DsError("INTERRUPTED", `interrupted while waiting for another ds (pid ${pid})`);
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
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes a dead holder's lock. Each such lock is removed by one process only, the one that has the
 * permit for it: whoever else believes the lock dead might remove the one that has taken its place.
 *
 * @param draft a file that says who wants to
 */
async function takeAway(path: string, dead: string, draft: string): Promise<void> {
  const key = createHash("sha256").update(dead).digest("hex").slice(0, 16);
  for (const permits: string[] = []; ; ) {
    // A permit whose holder was killed leads to the next one.
    const permit = `${path}.${key}.${permits.length}`;
    permits.push(permit);
    if (await linked(draft, permit)) {
      if ((await readFile(path, "utf8").catch(() => "")) === dead) await rm(path, { force: true });
      for (const used of permits) await rm(used, { force: true });
      return;
    }
    const other = await readFile(permit, "utf8").catch(() => undefined);
    if (other === undefined || !isGone(other)) return;
  }
}

function isGone(holder: string): boolean {
  const [number, started] = holder.split(" ");
  const pid = Number(number);
  if (!isProcessRunning(pid)) return true;
  // The number may have gone to another process since.
  const now = processStartTime(pid);
  return Boolean(started) && now !== undefined && now !== started;
}
