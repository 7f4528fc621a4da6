import { inflateRawSync, crc32 as nodeCrc32 } from "node:zlib";
import { entryPath, largestBytes, type SourceEntry, unreadable } from "./entry.ts";

/** Signatures and sizes of PKWARE's APPNOTE 6.3, sections 4.3 and 4.4. */
const endOfDirectory = 0x06054b50;
const directoryHeader = 0x02014b50;
const localHeader = 0x04034b50;
const longestComment = 0xffff;

/** By the type of file in the mode, as stat(2) has it; 0 where the archive was not made on a Unix. */
function kindOf(mode: number): SourceEntry["kind"] {
  if (mode === 0o120000) return "link";
  return mode === 0 || mode === 0o100000 ? "file" : "other";
}

/** The files of a zip archive (a wheel is one), as its directory at the end lists them. Nothing is unpacked yet. */
export function readZip(bytes: Buffer): SourceEntry[] {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw damaged("it is of the format zip64");
  const entries: SourceEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== directoryHeader) {
      throw damaged("its directory is cut off");
    }
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const name = bytes.toString("utf8", at + 46, nameEnd);
    const isUnix = bytes.readUInt8(at + 5) === 3;
    const mode = isUnix ? bytes.readUInt16LE(at + 40) & 0o170000 : 0;
    const file = {
      method: bytes.readUInt16LE(at + 10),
      isEncrypted: (bytes.readUInt16LE(at + 8) & 1) === 1,
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      header: bytes.readUInt32LE(at + 42),
    };
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const path = entryPath(name);
    if (name.endsWith("/")) continue;
    entries.push({
      path,
      bytes: file.size,
      kind: kindOf(mode),
      read: async () => unpack(bytes, path, file),
    });
  }
  return entries;
}

function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - 22 - longestComment);
  for (let at = bytes.length - 22; at >= first; at -= 1) {
    if (bytes.readUInt32LE(at) === endOfDirectory) return at;
  }
  throw damaged("its end is missing");
}

interface PackedFile {
  method: number;
  isEncrypted: boolean;
  crc: number;
  packed: number;
  size: number;
  /** Where its own header begins. */
  header: number;
}

function unpack(bytes: Buffer, path: string, file: PackedFile): Buffer {
  const { header, packed, size, method } = file;
  if (file.isEncrypted) throw damaged(`${path} is encrypted`);
  if (header + 30 > bytes.length || bytes.readUInt32LE(header) !== localHeader) {
    throw damaged(`${path} is not where the directory says`);
  }
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const content = bytes.subarray(from, from + packed);
  const found = method === 0 ? content : method === 8 ? inflate(content, path, size) : undefined;
  if (found === undefined) throw damaged(`${path} is packed by method ${method}`);
  if (found.length !== size || crc32(found) !== file.crc) throw damaged(`${path} is not whole`);
  return found;
}

function inflate(content: Buffer, path: string, size: number): Buffer {
  try {
    return inflateRawSync(content, { maxOutputLength: Math.min(Math.max(size, 1), largestBytes) });
  } catch {
    throw damaged(`${path} is not whole`);
  }
}

const damaged = (what: string) => unreadable(`the archive cannot be read: ${what}`);

/** zlib.crc32 is there from Node 20.15 and 22.2 on. */
const crc32 = (content: Buffer): number => nodeCrc32(content);
