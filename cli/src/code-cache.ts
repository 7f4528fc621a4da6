import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writevSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Script } from "node:vm";

const unusedAfterMs = 30 * 24 * 60 * 60 * 1000;

/**
 * V8's compiled form of the scripts of one build, in one file that only this user can write: a line of
 * JSON that says where each script's part is, then the parts. It is worth only time: without the file
 * scripts are compiled as usual, and what V8 does not accept (another version, other flags) is made anew.
 * V8 does not notice a damaged part, though, so the file is synced before it gets its name.
 */
export class CodeCache {
  readonly #home: string;
  readonly #file: string;
  readonly #known: ReadonlyMap<string, Buffer>;
  readonly #scripts = new Map<string, Script>();
  #hasNews = false;

  /** @param build names the content of the scripts: V8 compares no more than their lengths */
  constructor(home: string, build: string) {
    const name = `${build}-${process.version}-${process.arch}`;
    this.#home = home;
    this.#file = join(home, "cache", "code", name);
    this.#known = readParts(this.#file);
  }

  compile(name: string, source: string, filename: string): Script {
    const cachedData = this.#known.get(name);
    const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
    if (!cachedData || script.cachedDataRejected) this.#hasNews = true;
    this.#scripts.set(name, script);
    return script;
  }

  /**
   * Keeps what was compiled, at the end of a run: functions that were not called are not in it. Makes no
   * home where there is none.
   */
  store(): void {
    if (!this.#hasNews || !existsSync(this.#home)) return;
    const parts = new Map(this.#known);
    for (const [name, script] of this.#scripts) {
      if (!parts.has(name) || script.cachedDataRejected) parts.set(name, script.createCachedData());
    }
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      removeUnused(dirname(this.#file));
      writeParts(this.#file, parts);
    } catch {
      // A full disk, somebody else's home: the next run compiles again.
    }
  }
}

function readParts(file: string): Map<string, Buffer> {
  const parts = new Map<string, Buffer>();
  try {
    const content = readFileSync(file);
    let at = content.indexOf("\n") + 1;
    const lengths = JSON.parse(content.toString("latin1", 0, at)) as Record<string, number>;
    for (const [name, length] of Object.entries(lengths)) {
      parts.set(name, content.subarray(at, at + length));
      at += length;
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
    const out = openSync(temporary, "wx", 0o600);
    try {
      writevSync(out, [Buffer.from(`${JSON.stringify(lengths)}\n`), ...parts.values()]);
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
    if (Date.now() - statSync(file).mtimeMs > unusedAfterMs) rmSync(file, { force: true });
  }
}
