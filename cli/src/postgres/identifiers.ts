export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
