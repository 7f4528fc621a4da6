import { formatDuration } from "./duration.ts";

/** `3h ago`, `in 2d`, `now`. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (Math.abs(ms) < 1000) return "now";
  // What was just made for 7d goes in 7d, not in 6d.
  return ms < 0 ? `in ${formatDuration(roundedUp(-ms, 60_000))}` : `${formatDuration(ms)} ago`;
}

function roundedUp(ms: number, step: number): number {
  return ms < step ? ms : Math.ceil(ms / step) * step;
}
