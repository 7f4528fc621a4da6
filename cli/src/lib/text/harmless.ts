/**
 * Names, comments and servers' messages are others' texts. On a terminal their control characters would move the
 * cursor, set its title or hide what stands beside them, and bidirectional marks show a text in another order than
 * it has: each is shown as what it is instead, `\x1b`. Lines and tabs stay.
 */
export function harmless(text: string, escapes: "none" | "own" | "colours" = "none"): string {
  if (!active.test(text)) return text;
  return text.replace(escapesOf[escapes], (found, colour) => colour ?? shown(found));
}

const characters =
  "\\r(?!\\n)|[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]";
const active = new RegExp(characters);
const escapesOf = {
  none: new RegExp(`((?!))|${characters}`, "g"),
  /** Those of `Style`. */
  own: new RegExp(`(\\u001b\\[(?:1|2|22|31|32|33|36|39)m)|${characters}`, "g"),
  /** A program's whose lines are handed on. */
  colours: new RegExp(`(\\u001b\\[[0-9;]*m)|${characters}`, "g"),
};

function shown(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** JSON that shows such a character as the escape that it may be written as; the value is the same. */
export function harmlessJson(json: string): string {
  return json
    .replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, unicodeEscape)
    .replaceAll("##[", "#\\u0023[");
}

const unicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** GitHub's runner takes such lines of a job's output as commands to itself: they begin with "::", or hold "##[". */
export const withoutWorkflowCommands = (text: string): string =>
  text.replace(/^([^\S\n]*)::/gm, "$1\\::").replaceAll("##[", "#\\#[");

/** What a value has to be like to be a part of a workflow command. */
export const workflowValue = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
