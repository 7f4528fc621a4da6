/**
 * Why masking failed, as far as it can be told: Postgres' own words only where they have names in them. In others there may be a part of a
 * row.
 */
const tells: readonly RegExp[] = [
  // Constraints, by name: what violated them is in the detail.
  /^23/,
  // What does not exist, or may not be done.
  /^42/,
  // Not in the state, not enough room, stopped.
  /^(53|54|55|57)/,
];

export function describeFailure(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return message ?? "it failed";
  if (tells.some((pattern) => pattern.test(code))) return `${message} (${code})`;
  if (code.startsWith("22")) {
    return `what a masking rule made does not fit into the column's type (${code})`;
  }
  return `Postgres refused it (${code})`;
}
