const units = ["B", "kB", "MB", "GB", "TB"];

/** `7.4 MB`: powers of 1024 under Postgres' own unit names, as pg_size_pretty has them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit > 0 && Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `500MB`, `1.5 GB`; undefined for any other text. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6}(?:\.\d{1,3})?) ?(B|kB|MB|GB|TB)$/.exec(text.trim()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.round(Number(digits) * 1024 ** units.indexOf(unit));
}
