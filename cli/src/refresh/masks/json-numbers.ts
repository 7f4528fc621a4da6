import { quoteLiteral } from "../../postgres/quote.ts";
import { namesOfNumbers } from "./sensitive.ts";

/**
 * Numbers in JSON whose key says that they are a person's (`"phone": 491701234567`). They are found when the value
 * is masked: a sample does not show the key that one row in a thousand has.
 */

const key = String.raw`"(?:[^"\\]|\\.)*": `;

/** A key with the numbers after it, in arrays too, as jsonb writes them. */
export const keyWithNumbers = String.raw`${key}\[*-?\d[^"]*`;

/** As `spaced` does it in the program: `homePhone_2` -> ` home phone `. */
const spacedKey = (written: string) =>
  `lower(regexp_replace(regexp_replace(${written}, '([a-z0-9])([A-Z])', '\\1 \\2', 'g'), '[^A-Za-z]+', ' ', 'g'))`;

const names = quoteLiteral(
  `(^| )(${namesOfNumbers.map((name) => name.replace("*", "[a-z]*")).join("|")})( |$)`,
);
/** How many there are of something is not the thing itself. */
const notNames = quoteLiteral(" (count|total|type|kind|length|format) ?$");

/**
 * @param piece SQL of a text that `keyWithNumbers` fits
 * @param keySql the mask of a key as it is written
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
  return `(select ${keySql("w.k")} || case when ${isPersonal} then ${masked} else w.v end
    from (select p.k, p.v, ${spacedKey("p.k")} as name from (
      select substring(${piece} from ${quoteLiteral(`^${key}`)}) as k, substring(${piece} from ${quoteLiteral(`^${key}(.*)$`)}) as v offset 0
    ) p offset 0) w)`;
}
