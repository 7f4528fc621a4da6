import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { linux, testWith } from "../../../scripts/test-support/needs.ts";
import { type LockOptions, withLock } from "../../src/runtime/io/lock-file.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

const options = (more: Partial<LockOptions> = {}): LockOptions => ({
  home: scratch.path,
  name: "setup-x",
  signal: new AbortController().signal,
  waitMs: limits.still,
  onWait: () => {},
  ...more,
});
const left = () => readdirSync(join(scratch.path, "locks"));

/** The number of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ["-e", "0"]).pid;

function placeLock(content: string): void {
  mkdirSync(join(scratch.path, "locks"), { recursive: true });
  writeFileSync(join(scratch.path, "locks", "setup-x.lock"), content);
}

test("never two at once, and nothing left behind", async () => {
  let inside = 0;
  let most = 0;
  const waits: number[] = [];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(30); // As long as another needs to come in, if it could.
    inside -= 1;
  };
  const lock = options({ onWait: (pid) => waits.push(pid) });
  await Promise.all(Array.from({ length: 5 }, () => withLock(lock, work)));
  expect(most).toBe(1);
  expect(waits).toEqual([process.pid, process.pid, process.pid, process.pid]);
  expect(left()).toEqual([]);
});

test("released when the work fails", async () => {
  await expect(withLock(options(), () => Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(await withLock(options(), async () => "again")).toBe("again");
});

test("a holder that was killed: several take over, still never two at once", async () => {
  placeLock(`${deadPid()} 1 some-id`);
  let inside = 0;
  await Promise.all(
    Array.from({ length: 5 }, () =>
      withLock(options(), async () => {
        inside += 1;
        expect(inside).toBe(1);
        await sleep(20); // As above.
        inside -= 1;
      }),
    ),
  );
  expect(left()).toEqual([]);
});

test("one that was killed while it took the lock of another over, which was killed, too", async () => {
  const dead = `${deadPid()} 1 some-id`;
  placeLock(dead);
  const key = createHash("sha256").update(dead).digest("hex").slice(0, 16);
  const permit = join(scratch.path, "locks", `setup-x.lock.${key}.0`);
  writeFileSync(permit, `${deadPid()} 1 other-id`);
  expect(await withLock(options(), async () => "taken over")).toBe("taken over");
  expect(left()).toEqual([]);
});

testWith(linux, "a number that went to another process since", async () => {
  placeLock(`${process.pid} 1 some-id`);
  expect(await withLock(options(), async () => "taken over")).toBe("taken over");
});

test("waiting ends: at the limit, and when interrupted", async () => {
  placeLock(`${process.ppid}  some-id`);
  await expect(withLock(options({ waitMs: 50 }), async () => {})).rejects.toMatchObject({
    code: "LOCKED",
    details: { pid: process.ppid },
  });
  const stop = new AbortController();
  const interrupted = options({ signal: stop.signal, onWait: () => stop.abort() });
  await expect(withLock(interrupted, async () => {})).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
  expect(left()).toEqual(["setup-x.lock"]);
});
