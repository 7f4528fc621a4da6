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
  readSync,
  read as readWithCallback,
  statSync,
  symlinkSync,
  writeSync,
  write as writeWithCallback,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parentPort } from "node:worker_threads";

const read = promisify(readWithCallback);
const write = promisify(writeWithCallback);

/**
 * @typedef {{
 *   id: number, from: string, to: string, method: "reflink" | "copy",
 *   skip: string[], emptied: string[], walFrom?: string | undefined, sourceIsLive: boolean, tellsProgress?: boolean,
 *   owner?: { uid: number, gid: number } | undefined,
 * }} CloneRequest
 * `skip`: names that are left out wherever they are; `emptied`: directories, relative to `from`, that
 * are made without their contents; `walFrom`: the first segment of pg_wal that is needed;
 * `sourceIsLive`: files may grow, shrink and vanish while we read.
 */

/** Copies that are under way at once; libuv has four threads for them. */
const lanes = 4;

/** Of each lane, for files of a live source; most files are smaller. */
const bufferBytes = 1024 * 1024;

/** So long small files may keep the thread from other copies. */
const turnMs = 5;

/** Of the summaries of its log, of which a branch that is forked from often has many: the newest. */
const mostSummaries = 200;

/** Between two words on how far a copy is. */
const progressMs = 100;

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
function makeDirectories({ from, to, skip, emptied, walFrom, owner, sourceIsLive }) {
  /** @type {string[]} */
  const files = [];
  /** @param {string} relative */
  const visit = (relative) => {
    const target = join(to, relative);
    mkdirSync(target, { mode: 0o700 });
    if (owner) chownSync(target, owner.uid, owner.gid);
    if (emptied.includes(relative)) return;
    for (const entry of withoutOldSummaries(entriesOf(join(from, relative), sourceIsLive))) {
      const path = join(relative, entry.name);
      if (skip.includes(entry.name) || isTemporary(entry.name)) continue;
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
 * Their names begin with the timeline and the position.
 * @template {{ name: string }} T
 * @param {T[]} entries
 */
function withoutOldSummaries(entries) {
  const all = entries.map(({ name }) => name).filter((name) => name.endsWith(".summary"));
  if (all.length <= mostSummaries) return entries;
  const old = new Set(all.sort().slice(0, -mostSummaries));
  return entries.filter(({ name }) => !old.has(name));
}

/**
 * None when the directory has vanished, as that of a database does which is dropped.
 * @param {string} path
 * @param {boolean} sourceIsLive
 */
function entriesOf(path, sourceIsLive) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (sourceIsLive && isMissing(error)) return [];
    throw error;
  }
}

/**
 * Of a file that the engine is about to rename; Postgres has none of such a name.
 * @param {string} name
 */
const isTemporary = (name) => name.startsWith(".") && name.endsWith(".tmp");

/** @param {unknown} error */
const isMissing = (error) => /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT";

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
 * Small files are copied at once, 45 us each against 140 with promises; large ones side by side, so
 * that other copies go on meanwhile.
 *
 * @param {CloneRequest} request
 * @param {string[]} files
 */
async function copyAll(request, files) {
  const { from, to, owner, sourceIsLive } = request;
  const progress = request.tellsProgress ? newProgress(request, files) : undefined;
  let next = 0;
  let turnBegan = performance.now();
  const lane = async () => {
    const buffer = sourceIsLive ? Buffer.allocUnsafe(bufferBytes) : undefined;
    for (;;) {
      if (performance.now() - turnBegan > turnMs) {
        await new Promise((resolve) => setImmediate(resolve));
        turnBegan = performance.now();
      }
      const path = files[next++];
      if (path === undefined) return;
      const source = join(from, path);
      const target = join(to, path);
      try {
        const { size } = statSync(source);
        if (buffer) await copyToItsEnd(source, target, buffer, progress?.add);
        else if (size > bufferBytes) await copyFile(source, target, constants.COPYFILE_EXCL);
        else copyFileSync(source, target, constants.COPYFILE_EXCL);
      } catch (error) {
        if (sourceIsLive && isMissing(error)) continue;
        throw error;
      }
      if (!buffer) progress?.add(statSync(target).size);
      if (owner) chownSync(target, owner.uid, owner.gid);
    }
  };
  // All of them have to end before the failure of one is told: the copy is removed then.
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failed = ended.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
}

/**
 * Counts what is copied; files may have grown since, so it never says more than all.
 * @param {CloneRequest} request
 * @param {string[]} files
 */
function newProgress({ id, from }, files) {
  const total = files.reduce((sum, path) => {
    return sum + (statSync(join(from, path), { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
  let copied = 0;
  let told = Number.NEGATIVE_INFINITY;
  return {
    /** @param {number} bytes */
    add(bytes) {
      copied = Math.min(total, copied + bytes);
      if (performance.now() - told < progressMs) return;
      told = performance.now();
      parentPort?.postMessage({ id, progress: { copied, total } });
    },
  };
}

/**
 * For a file that others write to. `copyFile` asks for the size first and then tries until it has
 * copied so much: for ever, when the file is truncated meanwhile (libuv 1.x, uv__fs_copyfile). Small
 * files are read and written at once: 100 us a file against 180 with promises.
 *
 * @param {string} from
 * @param {string} to must not exist
 * @param {Buffer} buffer overwritten
 * @param {((bytes: number) => void) | undefined} add told of what was copied
 */
async function copyToItsEnd(from, to, buffer, add) {
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx", 0o600);
    try {
      let bytes = readSync(source, buffer);
      const isSmall = bytes < buffer.length;
      while (bytes > 0) {
        for (let done = 0; done < bytes; ) {
          const rest = bytes - done;
          done += isSmall
            ? writeSync(target, buffer, done, rest)
            : (await write(target, buffer, done, rest, null)).bytesWritten;
        }
        add?.(bytes);
        bytes = isSmall
          ? readSync(source, buffer)
          : (await read(source, buffer, 0, buffer.length, null)).bytesRead;
      }
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
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
