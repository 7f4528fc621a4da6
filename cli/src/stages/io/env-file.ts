import { isUtf8 } from "node:buffer";
import { constants, promises as fs } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { dotGitAbove } from "../../lib/git/io/dot-git.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";
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
  /** The file that `set` writes: another one than `path` where a link leads there. */
  writtenPath(): Promise<string>;
  /** Sets values and leaves the rest as it is. True when that changed the file. */
  set(values: Record<string, string>): Promise<boolean>;
}

/** Of what git must not have: the file, and what it leads to. */
export const envFilePaths = async (file: EnvFile): Promise<string[]> => [
  ...new Set([file.path, await file.writtenPath()]),
];

export function openEnvFile(path: string): EnvFile {
  // Synchronous: Node starts its threads for the other way, which takes longer than reading the file.
  const read = () => {
    const bytes = readBytes();
    const text = bytes?.toString("utf8");
    // Written again, it would not be what it was.
    if (bytes !== undefined && text !== undefined && (!isUtf8(bytes) || text.includes("\0"))) {
      throw notUtf8(path, text);
    }
    return text;
  };
  const readBytes = () => {
    try {
      return readRegularFile(path);
    } catch (error) {
      if (!(error instanceof DsError)) throw notUsable(path, "cannot be read", error);
      const { kind } = error.details as { kind?: string };
      const reason = kind === "a folder" ? "ENV_FILE_IS_FOLDER" : error.reason;
      throw notUsable(path, `is ${kind}, not a file`).with({ reason, hint: error.hint });
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
      read();
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
    writtenPath: () => writtenPath(path),
    set: async (values) => {
      const before = read();
      const after = setEnvValues(before ?? "", values);
      if (after === before) return false;
      const file = await writtenPath(path);
      try {
        await writeFileAtomic(file, after);
      } catch (error) {
        throw notUsable(path, "cannot be written", error);
      }
      return true;
    },
  };
}

/**
 * A symbolic link stays one: what it points at is replaced. Not outside of the checkout: who wrote the link may be
 * somebody else, and two checkouts would write into one file.
 */
async function writtenPath(path: string): Promise<string> {
  const target = await realPath(path);
  if (target === path) return path;
  const top = dirname(dotGitAbove(dirname(path)) ?? path);
  const inside = await fs.realpath(top);
  if (relative(inside, target).split(sep)[0] !== "..") return target;
  throw notUsable(path, `leads to ${target}, outside of this checkout`).with({
    reason: "ENV_FILE_OUTSIDE",
    hint: "Put a file in the place of the link, or name the file that it leads to as envFile.path in ds.config.ts.",
  });
}

/** Also where only its folder is a link, and where the file is not there yet. */
async function realPath(path: string): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch {
    const folder = await fs.realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  }
}

function notUtf8(path: string, text: string): DsError {
  const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
  const problem = text.includes("\0") ? "is UTF-16, or no text" : `is not UTF-8 in line ${line}`;
  return new DsError("CONFIG_INVALID", `the env file ${path} ${problem}`, {
    reason: "ENV_FILE_NOT_UTF8",
    hint: "Save it as UTF-8 in your editor, then run this again.",
    details: { path },
  });
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
