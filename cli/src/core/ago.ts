import { formatDuration } from "./duration.ts";

/** `3h ago`, `in 2d`, `now`. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (Math.abs(ms) < 1000) return "now";
  return ms < 0 ? `in ${formatDuration(-ms)}` : `${formatDuration(ms)} ago`;
}
