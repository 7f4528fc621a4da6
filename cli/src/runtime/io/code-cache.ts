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

interface Index {
  /** Bytes of each script's part, in the order of the file. */
  sizes: Record<string, number>;
  /** Which scripts ran together when something was kept: each kind of run calls other functions. */
  runs: string[];
}

const hour = 60 * 60 * 1000;
/** Commands, and the ways they take: some 50. */
const mostRuns = 200;
const unusedAfterMs = 30 * 24 * hour;

/** The beginning of the file: how long the index is. */
const headLength = 8;

/**
 * V8's compiled form of the scripts of one build, in one file that only this user can write: an index in
 * JSON, then each script's part. It is worth only time: without the file
 * scripts are compiled as usual, and what V8 does not accept (another version, other flags) is made anew.
 * V8 does not notice a damaged part, though, so the file is synced before it gets its name.
 */
export class CodeCache {
  readonly #home: string;
  readonly #file: string;
  readonly #known: ReadonlyMap<string, () => Buffer>;
  readonly #runs: readonly string[];
  readonly #scripts = new Map<string, Script>();
  #hasNews = false;
  /** Node runs with other flags than when the file was written, not long ago. */
  #isGuest = false;

  /** @param build names the content of the scripts: V8 compares no more than their lengths */
  constructor(home: string, build: string) {
    const name = `${build}-${process.version}-${process.arch}`;
    this.#home = home;
    this.#file = join(home, "cache", "code", name);
    ({ parts: this.#known, runs: this.#runs } = readIndex(this.#file));
  }

  compile(name: string, source: string, filename: string): Script {
    const cachedData = this.#known.get(name)?.();
    const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
    if (!cachedData) this.#hasNews = true;
    if (script.cachedDataRejected) {
      // They must not take turns in writing it.
      this.#isGuest ||= age(this.#file) <= hour;
      this.#hasNews = true;
    }
    this.#scripts.set(name, script);
    return script;
  }

  /**
   * Keeps what was compiled, at the end of the first run of its kind: functions that were not called are
   * not in it. Makes no home where there is none.
   */
  store(): void {
    const run = this.#kindOfRun();
    const isNewKind = !this.#runs.includes(run) && this.#runs.length < mostRuns;
    if (this.#isGuest || !(this.#hasNews || isNewKind) || !existsSync(this.#home)) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      removeUnused(dirname(this.#file));
      writeParts(this.#file, this.#parts(), isNewKind ? [...this.#runs, run] : this.#runs);
    } catch {
      // A full disk, somebody else's home: the next run compiles again.
    }
  }

  /** By the scripts that something asked for; those that they share follow from them. */
  #kindOfRun(): string {
    const asked = [...this.#scripts.keys()].filter((name) => !name.startsWith("chunk-"));
    return asked.sort().join(" ");
  }

  /** What is known of the scripts, or what V8 has of them now where that is more. */
  #parts(): Map<string, Buffer> {
    const parts = new Map([...this.#known].map(([name, read]) => [name, read()]));
    for (const [name, script] of this.#scripts) {
      const made = script.createCachedData();
      const known = script.cachedDataRejected ? undefined : parts.get(name);
      // In a long run V8 has dropped the code of functions that were not called for a while.
      if (known === undefined || made.length > known.length) parts.set(name, made);
    }
    return parts;
  }
}

/** How to read each part: a command needs few of them. */
function readIndex(file: string): { parts: Map<string, () => Buffer>; runs: string[] } {
  const parts = new Map<string, () => Buffer>();
  try {
    const fd = openSync(file, "r");
    const read = (at: number, length: number) => {
      const buffer = Buffer.allocUnsafeSlow(length);
      return buffer.subarray(0, readSync(fd, buffer, 0, length, at));
    };
    const length = Number(read(0, headLength).toString("latin1"));
    const { sizes, runs } = JSON.parse(read(headLength, length).toString("latin1")) as Index;
    let at = headLength + length;
    for (const [name, size] of Object.entries(sizes)) {
      const start = at;
      parts.set(name, () => read(start, size));
      at += size;
    }
    return { parts, runs };
  } catch {
    return { parts: new Map(), runs: [] };
  }
}

function writeParts(
  file: string,
  parts: ReadonlyMap<string, Buffer>,
  runs: readonly string[],
): void {
  const temporary = `${file}.${process.pid}`;
  try {
    const sizes = Object.fromEntries([...parts].map(([name, part]) => [name, part.length]));
    const index = JSON.stringify({ sizes, runs });
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
    if (age(file) > unusedAfterMs) rmSync(file, { force: true });
  }
}

/** Milliseconds since it was written; of a file that somebody has removed, none is recent. */
function age(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? Number.POSITIVE_INFINITY : Date.now() - stats.mtimeMs;
}
