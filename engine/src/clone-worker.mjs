// @ts-check
// The entry of the worker thread that copies data directories; see clone.ts. A plain file, so that
// it can be a thread's entry from the sources and from the bundle alike.
import {
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { chown, copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";

/**
 * @typedef {{
 *   id: number, from: string, to: string, method: "reflink" | "copy",
 *   skip: string[], emptied: string[], walFrom?: string | undefined, sourceIsLive: boolean,
 *   owner?: { uid: number, gid: number } | undefined,
 * }} CloneRequest
 * `skip`: names that are left out wherever they are; `emptied`: directories, relative to `from`, that
 * are made without their contents; `walFrom`: the first segment of pg_wal that is needed;
 * `sourceIsLive`: files may vanish while we read.
 */

/** Copies that are under way at once; libuv has four threads for them. */
const lanes = 4;

parentPort?.on("message", (/** @type {CloneRequest} */ request) => {
  clone(request).then(
    () => parentPort?.postMessage({ id: request.id, done: true }),
    ({ code, message }) => parentPort?.postMessage({ id: request.id, error: { code, message } }),
  );
});

/** @param {CloneRequest} request */
async function clone(request) {
  const files = makeDirectories(request);
  if (request.method === "reflink") reflinkAll(request, files);
  else await copyAll(request, files);
}

/**
 * Makes the tree of directories and links, and returns the paths of all files.
 * @param {CloneRequest} request
 */
function makeDirectories({ from, to, skip, emptied, walFrom, owner }) {
  /** @type {string[]} */
  const files = [];
  /** @param {string} relative */
  const visit = (relative) => {
    const target = join(to, relative);
    mkdirSync(target, { mode: 0o700 });
    if (owner) chownSync(target, owner.uid, owner.gid);
    if (emptied.includes(relative)) return;
    for (const entry of readdirSync(join(from, relative), { withFileTypes: true })) {
      const path = join(relative, entry.name);
      if (skip.includes(entry.name)) continue;
      if (relative === "pg_wal" && isBefore(entry.name, walFrom)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join(from, path)), join(to, path));
      else if (entry.isFile()) files.push(path);
    }
  };
  visit("");
  return files;
}

/**
 * Segments are named by timeline and position, eight digits and sixteen; the position decides.
 * @param {string} name
 * @param {string | undefined} walFrom
 */
function isBefore(name, walFrom) {
  return walFrom !== undefined && /^[0-9A-F]{24}$/.test(name) && name.slice(8) < walFrom.slice(8);
}

/**
 * Synchronous on purpose: 35 us a file against 200 with promises, and the source may be frozen.
 * @param {CloneRequest} request
 * @param {string[]} files
 */
function reflinkAll({ from, to, owner }, files) {
  for (const path of files) {
    const target = join(to, path);
    copyFileSync(join(from, path), target, constants.COPYFILE_FICLONE_FORCE);
    if (owner) chownSync(target, owner.uid, owner.gid);
  }
  // A journaling file system writes the reflinks of before along with this directory.
  syncDirectory(to);
}

/**
 * @param {CloneRequest} request
 * @param {string[]} files
 */
async function copyAll({ id, from, to, owner, sourceIsLive }, files) {
  let bytes = 0;
  let next = 0;
  const lane = async () => {
    for (;;) {
      const path = files[next++];
      if (path === undefined) return;
      const target = join(to, path);
      try {
        await copyFile(join(from, path), target, constants.COPYFILE_EXCL);
      } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        if (sourceIsLive && code === "ENOENT") continue;
        throw error;
      }
      if (owner) await chown(target, owner.uid, owner.gid);
      bytes += (await stat(target)).size;
      parentPort?.postMessage({ id, progress: { bytes, files: next, of: files.length } });
    }
  };
  // All of them have to end before the failure of one is told: the copy is removed then.
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = ended.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
}

/** @param {string} path */
function syncDirectory(path) {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
