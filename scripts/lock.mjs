import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs `work` while no other process does so under the same lock.
 *
 * The lock is a directory that holds one file, named after its owner's process id. It is put in
 * place by renaming a prepared directory, which succeeds only while nothing or an empty directory
 * is there. A dead owner's file is removed by its own name, so nobody ever removes a live lock.
 *
 * @template T
 * @param {string} path where the lock's directory is to be
 * @param {{ waitMs: number, onWait: (ownerPid: number) => void }} options
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, options, work) {
  await acquire(path, options);
  try {
    return await work();
  } finally {
    release(path);
  }
}

/**
 * @param {string} path
 * @param {{ waitMs: number, onWait: (ownerPid: number) => void }} options
 */
async function acquire(path, { waitMs, onWait }) {
  mkdirSync(dirname(path), { recursive: true });
  const giveUpAt = Date.now() + waitMs;
  let announced = false;
  while (!tryToTake(path)) {
    const owner = liveOwner(path);
    if (owner === undefined) continue;
    if (!announced) onWait(owner);
    announced = true;
    if (Date.now() > giveUpAt) {
      throw new Error(
        `Process ${owner} has held ${path} for too long. If it is not at work in this checkout, delete that directory and try again.`,
      );
    }
    await sleep(100);
  }
}

/** @param {string} path */
function tryToTake(path) {
  const prepared = mkdtempSync(`${path}.`);
  writeFileSync(join(prepared, String(process.pid)), "");
  try {
    renameSync(prepared, path);
    return true;
  } catch (error) {
    rmSync(prepared, { recursive: true });
    if (isCode(error, "ENOTEMPTY", "EEXIST", "EPERM")) return false;
    throw error;
  }
}

/**
 * The running process that holds the lock, if any; what dead ones left is removed on the way.
 *
 * @param {string} path
 */
function liveOwner(path) {
  for (const name of namesIn(path)) {
    if (isRunning(Number(name))) return Number(name);
    rmSync(join(path, name), { force: true });
  }
  return undefined;
}

/** @param {string} path */
function namesIn(path) {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** @param {string} path */
function release(path) {
  rmSync(join(path, String(process.pid)), { force: true });
  try {
    rmdirSync(path);
  } catch (error) {
    // Somebody else took the empty directory over in the meantime, which is just as good.
    if (!isCode(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

/**
 * @param {unknown} error
 * @param {...string} codes
 */
function isCode(error, ...codes) {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
