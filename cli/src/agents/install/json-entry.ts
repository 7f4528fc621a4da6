/** One entry of an object that is itself an entry of the file's: `mcpServers.ds`. */
export interface JsonEntry {
  parent: string;
  key: string;
  value: unknown;
}

export type EntryState =
  | "added"
  /** It is there as it should be. */
  | "there"
  /** Something else has the name, and stays. */
  | "taken"
  /** The file is no JSON object, as one with comments. */
  | "unreadable";

/** The file with the entry at the beginning of its object; all else stays to the byte. */
export function withEntry(
  text: string | undefined,
  entry: JsonEntry,
): { text: string; state: EntryState } {
  if (text === undefined) return { text: wholeFile(entry), state: "added" };
  const root = parse(text);
  const found = root && placeOf(text, entry.parent);
  if (root === undefined || found === undefined) return { text, state: "unreadable" };
  const parent = root[entry.parent] as Record<string, unknown> | undefined;
  if (parent !== undefined && Object.hasOwn(parent, entry.key)) {
    const isSame = JSON.stringify(parent[entry.key]) === JSON.stringify(entry.value);
    return { text, state: isSame ? "there" : "taken" };
  }
  const inParent = parent !== undefined;
  const isEmpty = Object.keys(parent ?? root).length === 0;
  const added = insertion(entry, { inParent, isEmpty });
  return {
    text: `${text.slice(0, found.at)}${added}${text.slice(found.at)}`,
    state: "added",
  };
}

/** The file as it was; undefined where it was made for the entry. `left`: the entry is another one by now. */
export function withoutEntry(
  text: string,
  entry: JsonEntry,
): { text: string | undefined } | "none" | "left" {
  if (text === wholeFile(entry)) return { text: undefined };
  for (const inParent of [true, false]) {
    for (const isEmpty of [true, false]) {
      const added = insertion(entry, { inParent, isEmpty });
      const at = text.indexOf(`{${added}`);
      if (at < 0) continue;
      const rest = `${text.slice(0, at + 1)}${text.slice(at + 1 + added.length)}`;
      // Somebody may have added an entry behind ours.
      if (parse(rest) !== undefined) return { text: rest };
    }
  }
  const parent = parse(text)?.[entry.parent] as Record<string, unknown> | undefined;
  return parent && Object.hasOwn(parent, entry.key) ? "left" : "none";
}

// Each of the three ways looks different, so that it is known which one to take back.

const wholeFile = ({ parent, key, value }: JsonEntry) =>
  `${JSON.stringify({ [parent]: { [key]: value } }, null, 4)}\n`;

function insertion(
  { parent, key, value }: JsonEntry,
  { inParent, isEmpty }: { inParent: boolean; isEmpty: boolean },
): string {
  const [own, all] = [{ [key]: value }, JSON.stringify(value)];
  const indent = inParent ? "  " : "";
  const text = inParent
    ? JSON.stringify(own, null, 2).slice(1, -2).replaceAll("\n", "\n  ")
    : `\n  ${JSON.stringify(parent)}: { ${JSON.stringify(key)}: ${all} }`;
  return isEmpty ? `${text}\n${indent}` : `${text},`;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Behind the brace of the parent, else behind that of the whole. */
function placeOf(text: string, parent: string): { at: number } | undefined {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g)];
  let depth = 0;
  for (const [index, { 0: token, index: at }] of tokens.entries()) {
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    const isKey = depth === 1 && token.startsWith('"') && tokens[index + 1]?.[0] === ":";
    if (!isKey || JSON.parse(token) !== parent) continue;
    const brace = tokens[index + 2];
    return brace?.[0] === "{" && at !== undefined ? { at: (brace.index ?? 0) + 1 } : undefined;
  }
  const first = tokens[0];
  return first?.[0] === "{" ? { at: (first.index ?? 0) + 1 } : undefined;
}
