import { harmless } from "../../lib/text/harmless.ts";
import { code } from "./markdown.ts";

/** A word that means nothing to Markdown and to GitHub, with what stands around it in a sentence. */
const word = /^[("']?(?:[A-Za-z]+|\d+(?:[.,]\d+)*)(?:['-][A-Za-z]+)*%?[)"']?[.,;:!?]?[)"']?$/;
/** The abbreviated id of a commit would be a link to it. */
const commit = /[0-9a-f]{7,40}/i;
/** At the beginning of a line it would make a list. */
const number = /^\d+[.)]$/;

/**
 * A sentence of ours with others' names in it: plain words stay text, and whatever could be Markdown, HTML, a mention, a
 * reference or an address becomes code.
 */
export function prose(text: string): string {
  const shown: string[] = [];
  let others: string[] = [];
  const end = () => {
    const [, name = "", stop = ""] = /^(.*?)([.,;:!?]?)$/s.exec(others.join(" ")) ?? [];
    if (others.length > 0) shown.push(name === "" ? code(stop) : `${code(name)}${stop}`);
    others = [];
  };
  for (const token of harmless(text).trim().split(/\s+/)) {
    if (isPlain(token)) {
      end();
      shown.push(token);
    } else others.push(token);
  }
  end();
  return shown.join(" ");
}

/** The same in a cell of a table. */
export const proseCell = (text: string): string => prose(text.replaceAll("|", "¦"));

const isPlain = (token: string): boolean =>
  word.test(token) && !number.test(token) && !(commit.test(token) && /\d/.test(token));

/** The form of `SqlFailed`'s headlines: where, what the server said, its SQLSTATE. */
const serverSaid = /((?:statement \d+ of \d+|at its commit): )(.*?) \(([0-9A-Z]{5})\)/g;
/** Classes whose messages name objects alone: constraint violations tell values in their detail only, which is left out. */
const namesOnly = /^(?:0A|23|25|2B|3D|3F|40|42|53|54|55|57)/;

/** Other messages may quote what is in the database, which not everybody who sees a pull request may see. */
export const withoutValues = (text: string): string =>
  text.replace(serverSaid, (_, where: string, message: string, state: string) =>
    namesOnly.test(state)
      ? `${where}${message} (${state})`
      : `${where}the server's message, which may quote data, is in the job's log (${state})`,
  );
