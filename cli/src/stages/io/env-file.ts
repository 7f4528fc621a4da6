import { constants, promises as fs, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { envNames, readEnvValue, setEnvValues } from "../dotenv.ts";

export interface EnvFile {
  readonly path: string;
  exists(): Promise<boolean>;
  /** The value of a name; undefined when the file or the name is not there. */
  get(name: string): Promise<string | undefined>;
  /** Every name with its value. */
  entries(): Promise<[name: string, value: string][]>;
  /** Throws FILE_NOT_WRITABLE before anything has changed, when `set` could not work. */
  checkWritable(): Promise<void>;
  /** Sets values and leaves the rest as it is. True when that changed the file. */
  set(values: Record<string, string>): Promise<boolean>;
}

export function openEnvFile(path: string): EnvFile {
  // Synchronous: Node starts its threads for the other way, which takes longer than reading the file.
  const read = () => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw notUsable(path, "cannot be read", error);
    }
  };
  return {
    path,
    exists: async () => read() !== undefined,
    get: async (name) => {
      const text = read();
      return text === undefined ? undefined : readEnvValue(text, name);
    },
    entries: async () => {
      const text = read() ?? "";
      return envNames(text).map((name) => [name, readEnvValue(text, name) ?? ""]);
    },
    checkWritable: async () => {
      const file = await writtenPath(path);
      const mode = (await fs.stat(file).catch(() => undefined))?.mode;
      // Root passes every permission check, but a file that its owner made read-only is meant so.
      if (mode !== undefined && (mode & 0o200) === 0) throw notUsable(path, "is read-only");
      try {
        await fs.access(dirname(file), constants.W_OK);
        if (mode !== undefined) await fs.access(file, constants.W_OK);
      } catch (error) {
        throw notUsable(path, "cannot be written", error);
      }
    },
    set: async (values) => {
      const before = read();
      const after = setEnvValues(before ?? "", values);
      if (after === before) return false;
      try {
        await writeFileAtomic(await writtenPath(path), after);
      } catch (error) {
        throw notUsable(path, "cannot be written", error);
      }
      return true;
    },
  };
}

/** A symbolic link stays one: what it points at is replaced. */
async function writtenPath(path: string): Promise<string> {
  const entry = await fs.lstat(path).catch(() => undefined);
  if (!entry) return path;
  if (entry.isDirectory()) throw notUsable(path, "is a folder");
  return entry.isSymbolicLink() ? await fs.realpath(path).catch(() => path) : path;
}

function notUsable(path: string, problem: string, cause?: unknown): DsError {
  const reason =
    cause instanceof Error ? ` (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : "";
  return new DsError("FILE_NOT_WRITABLE", `the env file ${path} ${problem}${reason}`, {
    hint: "Correct its permissions, or name another one as envFile.path in ds.config.ts.",
    cause,
  });
}

export interface HasEnvFile {
  /** The checkout's env file, as text that can be edited. */
  envFile(): Promise<EnvFile>;
}
