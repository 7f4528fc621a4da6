import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "../lock.mjs";

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(folder, "prepare.lock");
});

afterEach(() => rmSync(folder, { recursive: true }));

const options = { waitMs: 30_000, onWait: () => {} };

test("six processes at once, and a dead one's lock: each works alone", async () => {
  mkdirSync(lock);
  writeFileSync(join(lock, String(await pidOfEndedProcess())), "");
  const journal = join(folder, "journal");
  const module = pathToFileURL(join(import.meta.dirname, "../lock.mjs")).href;
  const worker = `
    import { appendFileSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(module)};
    await withLock(${JSON.stringify(lock)}, { waitMs: 30000, onWait() {} }, async () => {
      appendFileSync(${JSON.stringify(journal)}, "in ");
      await sleep(20);
      appendFileSync(${JSON.stringify(journal)}, "out ");
    });`;
  const one = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", worker]);
  await Promise.all([one(), one(), one(), one(), one(), one()]);
  expect(readFileSync(journal, "utf8")).toBe("in out ".repeat(6));
  expect(readdirSync(folder)).toEqual(["journal"]);
});

test("the lock is free again after work that failed", async () => {
  const failing = withLock(lock, options, () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  await expect(withLock(lock, options, () => Promise.resolve("done"))).resolves.toBe("done");
});

test("waiting has an end that names the holder and the folder", async () => {
  let waitedFor = 0;
  const onWait = (pid: number) => {
    waitedFor = pid;
  };
  await withLock(lock, options, async () => {
    const second = withLock(lock, { waitMs: 50, onWait }, () => Promise.resolve());
    await expect(second).rejects.toThrow(`Process ${process.pid} has held ${lock} for too long`);
  });
  expect(waitedFor).toBe(process.pid);
});

async function pidOfEndedProcess(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-p", "process.pid"]);
  return Number(stdout);
}
