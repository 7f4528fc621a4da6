import { entryPath, largestBytes, type SourceEntry, unreadable } from "./entry.ts";

const block = 512;

/** Fields of a header, by POSIX' ustar format: where they begin and how long they are. */
const fields = {
  name: [0, 100],
  size: [124, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 5],
  prefix: [345, 155],
} as const;

/** By the header's type. */
const kinds: Record<string, SourceEntry["kind"]> = { 0: "file", 7: "file", 2: "link" };

/** What headers before a file's own say of it, where that has no room for it. */
interface LongNames {
  path?: string;
  link?: string;
  size?: number;
}

/** The files of a tar archive: ustar, pax, and GNU's long names. */
export function readTar(bytes: Buffer): SourceEntry[] {
  const entries: SourceEntry[] = [];
  let next: LongNames = {};
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    checkSum(header);
    const type = text(header, "type") || "0";
    const size = (type === "x" || type === "g" ? undefined : next.size) ?? number(header, "size");
    const from = at + block;
    at = from + Math.ceil(size / block) * block;
    if (size > largestBytes || from + size > bytes.length) throw damaged("it is cut off");
    const content = bytes.subarray(from, from + size);
    if (type === "g") continue;
    if (type === "x") {
      next = { ...next, ...paxRecords(content) };
    } else if (type === "L" || type === "K") {
      const name = content.toString("utf8").replace(/\0.*$/s, "");
      next = { ...next, [type === "L" ? "path" : "link"]: name };
    } else {
      const path = entryPath(next.path ?? nameIn(header));
      const link = Buffer.from(next.link ?? text(header, "link"));
      next = {};
      if (type === "5") continue;
      const kind = kinds[type] ?? "other";
      entries.push({
        path,
        bytes: size,
        kind,
        read: async () => (kind === "link" ? link : content),
      });
    }
  }
  return entries;
}

function nameIn(header: Buffer): string {
  const prefix = text(header, "magic").startsWith("ustar") ? text(header, "prefix") : "";
  // GNU's format keeps times where POSIX has the prefix, and says so by a blank behind its name.
  const isGnu = header.toString("latin1", 262, 263) === " ";
  return prefix === "" || isGnu ? text(header, "name") : `${prefix}/${text(header, "name")}`;
}

/** `<length> <key>=<value>\n`, one after the other; a length counts its own digits. */
function paxRecords(content: Buffer): LongNames {
  const found: LongNames = {};
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(" ", at);
    const length = Number(content.toString("latin1", at, blank));
    if (blank < 0 || !Number.isInteger(length) || length < 1) throw damaged("a header is wrong");
    const [, key, value = ""] = /^(\w[\w.]*)=(.*)\n$/s.exec(
      content.toString("utf8", blank + 1, at + length),
    ) ?? [undefined, ""];
    if (key === "path") found.path = value;
    if (key === "linkpath") found.link = value;
    if (key === "size") found.size = Number(value);
    at += length;
  }
  if (found.size !== undefined && !Number.isSafeInteger(found.size))
    throw damaged("a size is wrong");
  return found;
}

function text(header: Buffer, field: keyof typeof fields): string {
  const [from, length] = fields[field];
  const found = header.subarray(from, from + length);
  const end = found.indexOf(0);
  return found.toString("utf8", 0, end < 0 ? length : end);
}

/** Octal digits; larger numbers, in base 256, are larger than what is read. */
function number(header: Buffer, field: "size" | "checksum"): number {
  const digits = text(header, field).trim();
  if (!/^[0-7]*$/.test(digits)) throw damaged("a size is wrong");
  return Number.parseInt(digits || "0", 8);
}

function checkSum(header: Buffer): void {
  const [from, length] = fields.checksum;
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= from && at < from + length ? 32 : byte;
  if (sum !== number(header, "checksum")) throw damaged("it is no tar archive, or damaged");
}

const damaged = (what: string) => unreadable(`the archive cannot be read: ${what}`);
