import { DsError } from "../../errors/ds-error.ts";

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `90s`, `5m`, `36h`, `7d`, `2w` in milliseconds; whole positive numbers with a unit only. */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d|w)$/.exec(text.trim()) ?? [];
  const ms = Number(digits) * (unitMs[unit ?? ""] ?? Number.NaN);
  if (!Number.isSafeInteger(ms) || ms <= 0) {
    throw new DsError("USAGE", `"${text}" is not a duration`, {
      hint: "Write a whole number and a unit: 90s, 5m, 36h, 7d.",
    });
  }
  return ms;
}

/** The largest unit that fits, rounded down: `3d`, `5h`, `12m`, `40s`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const size = unitMs[unit] ?? 1;
    if (Math.abs(ms) >= size) return `${Math.trunc(ms / size)}${unit}`;
  }
  return "0s";
}
