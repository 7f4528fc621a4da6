/** The text of a masking function, taken apart. */

export type Token =
  /** In lower case, unless it was written in double quotes. */
  | { kind: "name"; text: string; quoted: boolean }
  | { kind: "string"; text: string }
  | { kind: "number"; text: string }
  | { kind: "sign"; text: string };

/** What a text cannot be read for, in a few words. */
export class NotReadable extends Error {}

const patterns = [
  { kind: "space", of: /\s+/y },
  { kind: "string", of: /'(?:[^']|'')*'/y },
  { kind: "quoted", of: /"(?:[^"]|"")+"/y },
  // Not before a letter: 1e5 and the like are more than a rule needs.
  { kind: "number", of: /\d+(?:\.\d+)?(?![\w$])/y },
  { kind: "name", of: /[\p{L}_][\p{L}\p{N}_$]*/uy },
  { kind: "sign", of: /::|:=|=>|<=|>=|<>|!=|[-().,[\]=<>]/y },
] as const;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const found = firstAt(text, at);
    if (!found) throw new NotReadable(`"${text.slice(at, at + 10)}" is not understood`);
    at += found.text.length;
    const token = tokenOf(found.kind, found.text);
    if (token) tokens.push(token);
  }
  return tokens;
}

function firstAt(text: string, at: number) {
  for (const { kind, of } of patterns) {
    of.lastIndex = at;
    const [match] = of.exec(text) ?? [];
    if (match !== undefined) return { kind, text: match };
  }
  return undefined;
}

function tokenOf(kind: (typeof patterns)[number]["kind"], text: string): Token | undefined {
  switch (kind) {
    case "space":
      return undefined;
    case "string":
      return { kind, text: text.slice(1, -1).replaceAll("''", "'") };
    case "quoted":
      return { kind: "name", text: text.slice(1, -1).replaceAll('""', '"'), quoted: true };
    case "name":
      return { kind, text: text.toLowerCase(), quoted: false };
    default:
      return { kind, text };
  }
}
