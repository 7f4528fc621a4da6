import { harmless } from "../../lib/text/harmless.ts";

/**
 * Others' text in GitHub's Markdown. Names of tables, SQL, git refs and servers' messages stand in code alone: there GitHub
 * makes no mention, no reference, no link and no HTML of them. Backslashes and entities would not do: mentions and
 * addresses are looked for in what is left when these are gone.
 */

/** Longer names and messages are cut. */
const longestCode = 300;

/** A text on one line, as code. */
export function code(text: string): string {
  const line = cut(harmless(text).replace(/\s+/g, " ").trim(), longestCode) || "(nothing)";
  const ticks = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** The same in a cell of a table, where a bar ends the cell, in code too. */
export function codeCell(text: string): string {
  // Whether a backslash before an escaped bar counts is not the same for all who read Markdown.
  return code(text.includes("\\") ? text.replaceAll("|", "¦") : text).replaceAll("|", "\\|");
}

/** Lines as a block of code, whatever is in them. */
export function codeBlock(lines: readonly string[], language: "" | "diff" | "sql" = ""): string[] {
  const shown = lines.map((line) => cut(harmless(line).replace(/[\r\n]+/g, " "), longestCode));
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  return [`${fence}${language}`, ...shown, fence];
}

/**
 * A link that shows where it leads; undefined unless it is a web page's, without a login in it. What could end the link
 * early is percent-encoded.
 */
export function link(address: string | undefined): string | undefined {
  if (address === undefined || address.length > longestAddress || !URL.canParse(address)) {
    return undefined;
  }
  const { protocol, username, password, href } = new URL(address);
  if (!/^https?:$/.test(protocol) || username !== "" || password !== "") return undefined;
  const safe = href.replace(
    /[^\w\-.~:/?#@!$&'()*+,;=%]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `<${safe}>`;
}

const longestAddress = 2_000;

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));

function cut(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join("")}…`;
}
