import { crc32, deflateRawSync, gzipSync } from "node:zlib";

/** A file of an archive that a test makes; `mode` as stat(2) has it, for what is no regular file. */
export interface Packed {
  path: string;
  content: Buffer | string;
  mode?: number;
  /** Of a tar: "2" is a symbolic link, to `link`. */
  type?: string;
  link?: string;
}

/** A zip, as wheels are. */
export function zipOf(files: readonly Packed[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, content, mode = 0o100644 } of files) {
    const name = Buffer.from(path);
    const whole = Buffer.from(content);
    const packed = deflateRawSync(whole);
    const sums = [crc32(whole), packed.length, whole.length];
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    for (const [index, sum] of sums.entries()) local.writeUInt32LE(sum, 14 + 4 * index);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt8(3, 5);
    entry.writeUInt16LE(8, 10);
    for (const [index, sum] of sums.entries()) entry.writeUInt32LE(sum, 16 + 4 * index);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(mode, 40);
    entry.writeUInt32LE(at, 42);
    parts.push(local, name, packed);
    directory.push(entry, name);
    at += local.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

function tarOf(files: readonly Packed[]): Buffer {
  const parts = files.flatMap(({ path, content, type = "0", link = "" }) => {
    const whole = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write("0000644\0", 100);
    header.write(`${whole.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write("ustar\x0000", 257, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, whole, Buffer.alloc((512 - (whole.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export const tarGzOf = (files: readonly Packed[]): Buffer => gzipSync(tarOf(files));

/** A Debian package, with its files as a `.tar.gz`. */
export function debOf(files: readonly Packed[]): Buffer {
  const member = (name: string, content: Buffer) => {
    const head = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
    return Buffer.concat([Buffer.from(head), content, Buffer.alloc(content.length % 2, "\n")]);
  };
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    member("debian-binary", Buffer.from("2.0\n")),
    member("control.tar.gz", tarGzOf([])),
    member("data.tar.gz", tarGzOf(files)),
  ]);
}
