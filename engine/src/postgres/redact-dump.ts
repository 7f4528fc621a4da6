/** What is shown in the place of a secret. */
const hidden = "***";

/** Statements of pg_dump's that may hold one; each begins a line. */
const mayHoldSecrets =
  /^(?:CREATE|ALTER) (?:SERVER|USER MAPPING|SUBSCRIPTION|FOREIGN DATA WRAPPER|FOREIGN TABLE)\b/gm;

/** In this order: 1 a string, 2 an identifier, 3 what else is between them. */
const token =
  /(E'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*')|([\w$\u0080-\uffff]+|"(?:[^"]|"")*")|(\s+|--[^\n]*)|[\s\S]/y;

/** Names of options of foreign data wrappers: `password`, `sslpassword`, `aws_secret_access_key`, ... */
const isSecret = /pass|secret|token|credential|private|access_?key|api_?key/i;

/**
 * A dump for people: passwords of user mappings and the like are hidden, also those of a subscription's connection.
 * Two dumps that differ only in these are equal then. Each statement is looked at from its own beginning, so that what only
 * looks like one, as in a function's body, keeps no other from being seen.
 */
export function redactDump(text: string): string {
  const replaced = new Map<number, { end: number; by: string }>();
  for (const { index } of text.matchAll(mayHoldSecrets)) redactStatement(text, index, replaced);
  if (replaced.size === 0) return text;
  let shown = "";
  let from = 0;
  for (const [at, { end, by }] of [...replaced].sort(([a], [b]) => a - b)) {
    if (at < from) continue;
    shown += text.slice(from, at) + by;
    from = end;
  }
  return shown + text.slice(from);
}

function redactStatement(
  text: string,
  start: number,
  replaced: Map<number, { end: number; by: string }>,
): void {
  let before = "";
  for (let at = start; at < text.length; at = token.lastIndex) {
    token.lastIndex = at;
    const [whole = "", string, name, between] = token.exec(text) ?? [];
    if (whole === ";") return;
    if (string !== undefined) {
      const by = before === "CONNECTION" ? redactedConnection(string) : `'${hidden}'`;
      if (before === "CONNECTION" || isSecret.test(before)) {
        replaced.set(at, { end: token.lastIndex, by });
      }
    }
    if (between === undefined) before = name ?? "";
  }
}

/** A subscription's connection string, as a string of SQL: `host=… password=…`, or a URL. */
function redactedConnection(literal: string): string {
  const isEscaped = /^E/i.test(literal);
  const inner = literal.slice(isEscaped ? 2 : 1, -1).replaceAll("''", "'");
  const connection = isEscaped ? inner.replace(/\\([\s\S])/g, "$1") : inner;
  const shown = connection
    .replace(
      /((?:pass|secret)\w*\s*=\s*)(?:'(?:[^'\\]|\\[\s\S])*'|(?:\\[\s\S]|[^\s'&])+)/gi,
      `$1${hidden}`,
    )
    .replace(/(:\/\/[^\s:@/]*:)[^\s@/]*@/g, `$1${hidden}@`)
    .replaceAll("'", "''");
  return shown.includes("\\") ? `E'${shown.replaceAll("\\", "\\\\")}'` : `'${shown}'`;
}
