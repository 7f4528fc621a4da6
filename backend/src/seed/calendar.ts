const FIRST_DAY = Date.UTC(2025, 0, 6, 8);
const SPAN_MS = 600 * 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The moment at `fraction` (0 to 1) of an organization's history. Fixed, not relative to today. */
export function moment(fraction: number): Date {
  return new Date(FIRST_DAY + Math.floor(SPAN_MS * fraction));
}

export function minutesAfter(date: Date, minutes: number): Date {
  return new Date(date.getTime() + minutes * 60_000);
}

/** `YYYY-MM-DD`, so many days later. */
export function dayAfter(date: Date, days: number): string {
  return new Date(date.getTime() + days * DAY_MS).toISOString().slice(0, 10);
}
