import { unreadable } from "./entry.ts";

export const arMagic = "!<arch>\n";

/** The members of an ar archive, as which Debian packages are made (deb(5)). */
export function readAr(bytes: Buffer): { name: string; content: Buffer }[] {
  const members: { name: string; content: Buffer }[] = [];
  for (let at = arMagic.length; at + 60 <= bytes.length; ) {
    const name = bytes
      .toString("latin1", at, at + 16)
      .trim()
      .replace(/\/$/, "");
    const size = Number(bytes.toString("latin1", at + 48, at + 58).trim());
    const from = at + 60;
    if (!Number.isInteger(size) || size < 0 || from + size > bytes.length) {
      throw unreadable("the package cannot be read: it is cut off");
    }
    members.push({ name, content: bytes.subarray(from, from + size) });
    at = from + size + (size % 2);
  }
  return members;
}
