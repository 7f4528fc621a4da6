import { splitStatements } from "./split-statements.ts";

/** Settings that decide what a later statement makes, or whose it is. */
const decisive = ["search_path", "role", "session_authorization", "default_tablespace"];

/** Which of them a file leaves set for the session: Drizzle carries them into the files of the same run, ds does not. */
export function settingsLeft(sql: string): string[] {
  const left = new Set<string>();
  for (const { start, end, words } of splitStatements(sql)) {
    const [verb, ...rest] = words.filter((word) => word !== "session");
    const text = sql.slice(start, end);
    const name = /\bsession\s+authorization\b/i.test(text) ? "session_authorization" : rest[0];
    if ((verb === "reset" || verb === "discard") && name === "all") left.clear();
    if (verb === "select") {
      for (const [, set = ""] of text.matchAll(/\bset_config\(\s*'(\w+)'[^;]*?,\s*false\s*\)/gi)) {
        left.add(set.toLowerCase());
      }
    }
    if (name === undefined || !["set", "reset"].includes(verb ?? "")) continue;
    const isBack = verb === "reset" || /\b(?:default|none)\s*$/i.test(text);
    if (isBack) left.delete(name);
    else left.add(name);
  }
  return decisive.filter((name) => left.has(name));
}
