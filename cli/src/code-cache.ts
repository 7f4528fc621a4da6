import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writevSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

const hour = 60 * 60 * 1000;
const unusedAfterMs = 30 * 24 * hour;

/** The beginning of the file: how long the index is. */
const headLength = 8;

/**
 * V8's compiled form of the scripts of one build, in one file that only this user can write: an index in
 * JSON (name and length of each script's part), then the parts. It is worth only time: without the file
 * scripts are compiled as usual, and what V8 does not accept (another version, other flags) is made anew.
 * V8 does not notice a damaged part, though, so the file is synced before it gets its name.
 */
export class CodeCache {
  readonly #home: string;
  readonly #file: string;
  readonly #known: ReadonlyMap<string, () => Buffer>;
  readonly #scripts = new Map<string, Script>();
  #hasNews = false;

  /** @param build names the content of the scripts: V8 compares no more than their lengths */
  constructor(home: string, build: string) {
    const name = `${build}-${process.version}-${process.arch}`;
    this.#home = home;
    this.#file = join(home, "cache", "code", name);
    this.#known = readIndex(this.#file);
  }

  compile(name: string, source: string, filename: string): Script {
    const cachedData = this.#known.get(name)?.();
    const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
    if (!cachedData) this.#hasNews = true;
    // Runs of Node with other flags must not take turns in writing it.
    if (script.cachedDataRejected) this.#hasNews ||= Date.now() - mtime(this.#file) > hour;
    this.#scripts.set(name, script);
    return script;
  }

  /**
   * Keeps what was compiled, at the end of a run: functions that were not called are not in it. Makes no
   * home where there is none.
   */
  store(): void {
    if (!this.#hasNews || !existsSync(this.#home)) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      removeUnused(dirname(this.#file));
      writeParts(this.#file, this.#parts());
    } catch {
      // A full disk, somebody else's home: the next run compiles again.
    }
  }

  /** What is known of scripts that did not run, and what V8 has of the others. */
  #parts(): Map<string, Buffer> {
    const parts = new Map([...this.#known].map(([name, read]) => [name, read()]));
    for (const [name, script] of this.#scripts) {
      if (!parts.has(name) || script.cachedDataRejected) parts.set(name, script.createCachedData());
    }
    return parts;
  }
}

/** How to read each part: a command needs few of them. */
function readIndex(file: string): Map<string, () => Buffer> {
  const parts = new Map<string, () => Buffer>();
  try {
    const fd = openSync(file, "r");
    const read = (at: number, length: number) => {
      const buffer = Buffer.allocUnsafeSlow(length);
      return buffer.subarray(0, readSync(fd, buffer, 0, length, at));
    };
    const length = Number(read(0, headLength).toString("latin1"));
    const index = JSON.parse(read(headLength, length).toString("latin1")) as Record<string, number>;
    let at = headLength + length;
    for (const [name, size] of Object.entries(index)) {
      const start = at;
      parts.set(name, () => read(start, size));
      at += size;
    }
  } catch {
    parts.clear();
  }
  return parts;
}

function writeParts(file: string, parts: ReadonlyMap<string, Buffer>): void {
  const temporary = `${file}.${process.pid}`;
  try {
    const lengths = Object.fromEntries([...parts].map(([name, part]) => [name, part.length]));
    const index = JSON.stringify(lengths);
    const head = `${String(index.length).padEnd(headLength)}${index}`;
    const out = openSync(temporary, "wx", 0o600);
    try {
      writevSync(out, [Buffer.from(head), ...parts.values()]);
      fsyncSync(out);
    } finally {
      closeSync(out);
    }
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Of builds and Node versions that are no longer used, and of runs that were killed. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (Date.now() - mtime(file) > unusedAfterMs) rmSync(file, { force: true });
  }
}

const mtime = (file: string) => statSync(file).mtimeMs;
