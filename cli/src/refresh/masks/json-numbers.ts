import { quoteLiteral } from "../../postgres/quote.ts";
import { isPossibleAddress } from "./json-keys.ts";
import { namesOfNumbers } from "./sensitive.ts";

/**
 * Numbers in JSON whose key says that they are a person's (`"phone": 491701234567`). They are found when the value
 * is masked: a sample does not show the key that one row in a thousand has.
 */

const key = String.raw`"(?:[^"\\]|\\.)*": `;

/** A key with the numbers after it, in arrays too, as jsonb writes them. */
export const keyWithNumbers = String.raw`${key}\[*-?\d[^"]*`;

/** What stands behind the colon: numbers, `true`, `false`, `null`, and no quote. */
const values = quoteLiteral("0123456789.,-+eE[]{} truefalsn");

const words = namesOfNumbers.map((name) => name.replace("*", "[a-z]*")).join("|");
const names = quoteLiteral(`(^| )(${words})( |$)`);
/** How many there are of something is not the thing itself. */
const notNames = quoteLiteral(" (count|total|type|kind|length|format) ?$");

const firstWords = [...new Set(namesOfNumbers.map((name) => name.split(" ")[0] ?? ""))];
const isBeginning = (word: string) => word.endsWith("*");
const whole = `array[${firstWords
  .filter((word) => !isBeginning(word))
  .map(quoteLiteral)
  .join(", ")}]`;
const beginnings = firstWords.filter(isBeginning).map((word) => quoteLiteral(word.slice(0, -1)));

/** What separates words, and the quotes, which go. */
const separators = quoteLiteral(`_-./:,0123456789"`);
const spaces = quoteLiteral(" ".repeat(16));

/** So many words of a key are looked up, which costs less than a regular expression does; longer ones may be anything. */
const lookedUp = 6;

const mayBePersonal = (written: string) => {
  const capitals = `lower(${written}) <> ${written}`;
  const apart = `case when ${capitals} then regexp_replace(${written}, '([a-z0-9])([A-Z])', '\\1 \\2', 'g') else ${written} end`;
  const word = (at: number) => `split_part(q.s, ' ', ${at})`;
  const found = Array.from({ length: lookedUp }, (_, at) => `${word(at + 1)} = any (${whole})`);
  const begun = beginnings.map((beginning) => `strpos(q.s, ${beginning}) > 0`);
  return `(select ${[...found, ...begun, `${word(lookedUp + 1)} <> ''`].join(" or ")} from (select lower(translate(${apart}, ${separators}, ${spaces})) as s offset 0) q)`;
};

/** As `spaced` does it in the program: `homePhone_2` -> ` home phone `. */
const spacedKey = (written: string) =>
  `lower(regexp_replace(regexp_replace(${written}, '([a-z0-9])([A-Z])', '\\1 \\2', 'g'), '[^A-Za-z]+', ' ', 'g'))`;

/**
 * @param piece SQL of a text that `keyWithNumbers` fits, cheap to repeat
 * @param keySql the mask of a key as it is written, with its colon and a space
 * @param numberSql the mask of a number as text
 */
export function numbersMasked(
  piece: string,
  keySql: (written: string) => string,
  numberSql: (text: string) => string,
): string {
  const each = `case when m.s[1] ~ '\\d' then (${numberSql("m.s[1]")})::text else m.s[1] end`;
  // The key's own numbers end where its object does.
  const own = "substring(w.v from '^[^{}]*')";
  const masked = `(select string_agg(${each}, '' order by m.n) from regexp_matches(${own}, '-?\\d[\\d.eE+-]*|[^-\\d]+', 'g') with ordinality m(s, n)) || substr(w.v, length(${own}) + 1)`;
  const isPersonal = `(w.name ~ ${names} and w.name !~ ${notNames})`;
  const written = `rtrim(${piece}, ${values})`;
  return `case when ${isPossibleAddress(written)} or ${mayBePersonal(written)} then (select ${keySql("w.k")} || case when ${isPersonal} then ${masked} else w.v end
    from (select p.k, substr(${piece}, length(p.k) + 1) as v, ${spacedKey("p.k")} as name
      from (select substring(${piece} from ${quoteLiteral(`^${key}`)}) as k offset 0) p offset 0) w) else ${piece} end`;
}
