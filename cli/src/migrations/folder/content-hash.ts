import { createHash } from "node:crypto";

/** sha256 in lower-case hex, as Drizzle has it. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Hashes of a text with its own, with LF and with CRLF line ends. */
export function contentHashes(sql: string): string[] {
  const lf = sql.replaceAll("\r\n", "\n");
  return [sha256(sql), sha256(lf), sha256(lf.replaceAll("\n", "\r\n"))];
}
