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

/** The same where several columns of a table may stand together: `a.x,y, b.z` -> `a.x,y`, `b.z`. */
export function referencesIn(list: string): string[] {
  const found: string[] = [];
  for (const name of namesIn(list)) {
    const before = partsOf(name).length > 1 ? undefined : found.pop();
    found.push(before === undefined ? name : `${before},${name}`);
  }
  return found;
}

/** Rules for lists of names as rules for each of them. */
export const oneByOne = <T>(
  rules: Record<string, T> = {},
  split: (list: string) => string[] = namesIn,
): Record<string, T> =>
  Object.fromEntries(
    Object.entries(rules).flatMap(([list, rule]) =>
      split(list).map((name): [string, T] => [name, rule]),
    ),
  );

/** Names that several rules give. */
export function namedTwice(rules: Record<string, unknown>, split = namesIn): string[] {
  const names = Object.keys(rules).flatMap(split);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
