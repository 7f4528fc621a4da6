import { formatDuration } from "../lib/format/duration.ts";

/** Says where the state before a change is kept, and how to have it back. */
export function keptText(
  point: { name: string; expiresAt: string | undefined } | null,
  undo = "ds db undo",
  now = Date.now(),
): string[] {
  if (point === null) return [];
  const { name, expiresAt } = point;
  const howLong =
    expiresAt === undefined
      ? "kept as long as other branches fork from it"
      : `kept for ${formatDuration(Math.round((Date.parse(expiresAt) - now) / 60_000) * 60_000)}, unless newer ones take its place`;
  return [`Recovery point: ${name} (${howLong}). To go back to it: ${undo}`];
}
