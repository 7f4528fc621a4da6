import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
} from "node:fs";
import { codeOf } from "../../errors/code-of.ts";
import { DsError } from "../../errors/ds-error.ts";

/**
 * The content of a file that is read by its name from a checkout; undefined where there is none. What is no
 * regular file is refused: a named pipe would never end, and a device never be what is meant. Other failures are
 * the system's.
 */
export function readRegularFile(path: string): Buffer | undefined {
  let file: number;
  try {
    // Otherwise a named pipe waits for somebody who writes, before anybody can look at what it is.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    switch (codeOf(error)) {
      case "ENOENT":
        if (!isLink(path)) return undefined;
        throw notRegular(path, "a link to a file that is not there");
      case "ENOTDIR":
        return undefined;
      case "ELOOP":
        throw notRegular(path, "a link that leads in a circle");
      case "ENXIO":
      case "EOPNOTSUPP":
        throw notRegular(path, "a socket");
      default:
        throw error;
    }
  }
  try {
    const entry = fstatSync(file);
    if (entry.isFile()) return readFileSync(file);
    throw notRegular(path, kindOf(entry));
  } finally {
    closeSync(file);
  }
}

/** The first bytes of a file that is only looked at; undefined of what is none, or cannot be read. */
export function readHead(path: string, bytes = 2048): string | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return undefined;
    const head = Buffer.alloc(bytes);
    return head.toString("utf8", 0, readSync(file, head, 0, bytes, 0));
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

type Entry = Pick<ReturnType<typeof fstatSync>, "isDirectory" | "isFIFO" | "isSocket" | "isFile">;

function kindOf(entry: Entry): string {
  if (entry.isDirectory()) return "a folder";
  if (entry.isFIFO()) return "a named pipe";
  return entry.isSocket() ? "a socket" : "a device";
}

const isLink = (path: string) =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

function notRegular(path: string, kind: string): DsError {
  return new DsError("CONFIG_INVALID", `${path} is ${kind}, not a file`, {
    reason: "NOT_A_REGULAR_FILE",
    hint: "Put a file there, or move it away; then run this again.",
    details: { path, kind },
  });
}
