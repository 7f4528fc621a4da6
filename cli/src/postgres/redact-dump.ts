import { tokenAt } from "./sql-token.ts";

/** What is shown in the place of a secret. */
const hidden = "'***'";

/** Statements of pg_dump's that may hold one; each begins a line. */
const mayHoldSecrets =
  /^(?:CREATE|ALTER) (?:SERVER|USER MAPPING|SUBSCRIPTION|FOREIGN DATA WRAPPER|FOREIGN TABLE)\b/gm;

/** A password that the local engine has hidden already. */
const isHidden = /=\s*\*\*\*(?![^\s'&])/;

/** Options of foreign data wrappers, and the whole of what a subscription connects with. */
const isSecret = /^CONNECTION$|pass|secret|token|credential|private|access_?key|api_?key/i;

/**
 * A schema for people, also where the API tells passwords of user mappings and the like. The local engine hides them
 * itself (`engine/src/postgres/redact-dump.ts`).
 */
export function redactDump(text: string): string {
  const secrets = new Map<number, number>();
  for (const { index } of text.matchAll(mayHoldSecrets)) {
    let name = "";
    for (let at = index; at < text.length && text[at] !== ";"; ) {
      const { kind, end } = tokenAt(text, at);
      if (kind === "string" && isSecret.test(name)) secrets.set(at, end);
      if (kind !== "space" && kind !== "comment") {
        name = kind === "word" || kind === "name" ? text.slice(at, end) : "";
      }
      at = end;
    }
  }
  let shown = text;
  for (const [at, end] of [...secrets].sort(([a], [b]) => b - a)) {
    if (isHidden.test(text.slice(at, end))) continue;
    shown = shown.slice(0, at) + hidden + shown.slice(end);
  }
  return shown;
}
