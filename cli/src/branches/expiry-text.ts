import { ago } from "../lib/format/ago.ts";

/** When a branch is deleted: `ends in 1d`. One that other branches fork from stays beyond its time. */
export function expiryText(expiresAt: string, now: number): string {
  return Date.parse(expiresAt) <= now ? "expired" : `ends ${ago(expiresAt, now)}`;
}
