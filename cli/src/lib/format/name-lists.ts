/** `audit."odd.name"` -> `audit`, `"odd.name"`: quoted parts as in SQL stay whole. */
export function partsOf(text: string, between: "." | "," = "."): string[] {
  const parts = [""];
  for (const piece of text.match(/"(?:[^"]|"")*"|[\s\S]/g) ?? []) {
    if (piece === between) parts.push("");
    else parts.push(`${parts.pop()}${piece}`);
  }
  return parts;
}

/** `*.city, *.street` -> `*.city`, `*.street`. */
export const namesIn = (list: string): string[] => partsOf(list, ",").map((name) => name.trim());

/** Rules for lists of names as rules for each of them. */
export const oneByOne = <T>(rules: Record<string, T> = {}): Record<string, T> =>
  Object.fromEntries(
    Object.entries(rules).flatMap(([list, rule]) =>
      namesIn(list).map((name): [string, T] => [name, rule]),
    ),
  );

/** Names that several rules give. */
export function namedTwice(rules: Record<string, unknown>): string[] {
  const names = Object.keys(rules).flatMap(namesIn);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
