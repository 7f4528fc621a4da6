import { createHash } from "node:crypto";

/** sha256 in lower-case hex, as Drizzle has it. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Equal for texts that git and editors make of one another. */
export const contentKey = (sql: string): string => sha256(bareLines(sql));

const bareLines = (sql: string): string => sql.replace(/^\ufeff/, "").replaceAll("\r\n", "\n");

/**
 * Hashes of a text as it is, and of the same with what git and editors change by themselves: LF or CRLF line ends,
 * with and without a byte order mark.
 */
export function contentHashes(sql: string): string[] {
  const bare = sql.replace(/^\ufeff/, "");
  const lf = bareLines(sql);
  const texts = [bare, lf, lf.replaceAll("\n", "\r\n")];
  return [...new Set([sql, ...texts, ...texts.map((text) => `\ufeff${text}`)].map(sha256))];
}
