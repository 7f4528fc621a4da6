/** Lines of left-aligned columns, two spaces apart; escape sequences take no width. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd(),
  );
}

function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what escape sequences begin with
  return [...text.replace(/\u001b\[[0-9;]*m/g, "")].length;
}
