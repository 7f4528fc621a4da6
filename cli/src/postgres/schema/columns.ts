import { leadingIdentifier, tokensOf } from "./scan.ts";

export interface Column {
  name: string;
  type: string;
  /** By the word that introduces it: `NOT NULL`, `DEFAULT`, `GENERATED`, `COLLATE`, `CONSTRAINT`. */
  attributes: Map<string, string>;
}

/** pg_dump writes keywords in upper case, and quotes identifiers that have any. */
const introducing = new Set(["NOT", "DEFAULT", "GENERATED", "COLLATE", "CONSTRAINT"]);

/** A column as CREATE TABLE lists it: `name type [COLLATE …] [DEFAULT …] [CONSTRAINT …] [NOT NULL]`. */
export function parseColumn(element: string): Column {
  const { name, rest } = leadingIdentifier(element);
  const [type = "", ...others] = segments(rest);
  const attributes = new Map<string, string>();
  for (const segment of others) {
    const { name: word, rest: value } = leadingIdentifier(segment);
    if (word === "NOT") attributes.set("NOT NULL", "");
    else attributes.set(word, value);
  }
  return { name, type, attributes };
}

function segments(definition: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const { at, depth, text } of tokensOf(definition)) {
    const isApart = depth === 0 && /\s/.test(definition[at - 1] ?? "");
    if (!isApart || !introducing.has(text)) continue;
    found.push(definition.slice(start, at).trim());
    start = at;
  }
  found.push(definition.slice(start).trim());
  return found;
}

/** The column in one line, as SQL. */
export function columnText({ type, attributes }: Column): string {
  const parts = [...attributes].map(([word, value]) => (value ? `${word} ${value}` : word));
  return [type, ...parts].join(" ");
}

/** What is different, each as a phrase; empty when nothing is. */
export function columnChanges(before: Column, after: Column): string[] {
  const changes: string[] = [];
  if (before.type !== after.type) changes.push(`type ${before.type} → ${after.type}`);
  for (const word of new Set([...before.attributes.keys(), ...after.attributes.keys()])) {
    const was = before.attributes.get(word);
    const is = after.attributes.get(word);
    if (was === is) continue;
    if (word === "NOT NULL") changes.push(is === undefined ? "now nullable" : "now NOT NULL");
    else if (was === undefined) changes.push(`now ${word} ${is}`);
    else if (is === undefined) changes.push(`no longer ${word} ${was}`);
    else changes.push(`${word} ${was} → ${is}`);
  }
  return changes;
}
