import type { MaskingFunction } from "./masking-function.ts";
import { quoted } from "./quote.ts";
import { cities, companyKinds, companyNames, countries, firstNames, lastNames } from "./words.ts";

/**
 * Functions that give the same result for the same value. They go by a digest of the value and a salt: without one in the
 * rule it is the project's own, which nobody is told, so that trying out which value gave a result takes it.
 */

/** A setting of the session that masks. */
export const saltSetting = "ds.mask_salt";

const projectsSalt = `current_setting('${saltSetting}')`;

/** NULL of NULL. */
const digestOf = (seed: string, salt = projectsSalt) =>
  `sha256(convert_to(${seed} || ${salt}, 'UTF8'))`;

const hexOf = (digest: string) => `encode(${digest}, 'hex')`;

/** Which of `count`, by four bytes of the digest. */
const number = (digest: string, byte: number, count: number) =>
  `(('x' || encode(substr(${digest}, ${byte}, 4), 'hex'))::bit(32)::bigint % ${count})::integer`;

const chosen = (values: readonly string[], digest: string, byte = 1) =>
  `(array[${values.map(quoted).join(", ")}]::text[])[1 + ${number(digest, byte, values.length)}]`;

const of = (make: (digest: string) => string): MaskingFunction => ({
  args: ["text", "text"],
  least: 1,
  sql: (seed = "", salt?: string) => make(digestOf(seed, salt)),
});

const algorithms = ["md5", "sha224", "sha256", "sha384", "sha512"];

export const pseudonyms: Record<string, MaskingFunction> = {
  "anon.digest": {
    args: ["text", "text", "any"],
    sql: (value, salt, algorithm = "") => {
      const name = algorithm.replace(/^'(.*)'$/, "$1");
      if (!algorithms.includes(name)) throw new RangeError(`use one of ${algorithms.join(", ")}`);
      return name === "md5"
        ? `md5(${value} || ${salt})`
        : `encode(${name}(convert_to(${value} || ${salt}, 'UTF8')), 'hex')`;
    },
  },
  "anon.hash": { args: ["text"], sql: (value = "") => hexOf(digestOf(value)) },
  "anon.pseudo_city": of((digest) => chosen(cities, digest)),
  "anon.pseudo_company": of(
    (digest) => `(${chosen(companyNames, digest)} || ' ' || ${chosen(companyKinds, digest, 5)})`,
  ),
  "anon.pseudo_country": of((digest) => chosen(countries, digest)),
  "anon.pseudo_email": of(
    (digest) =>
      `(lower(${chosen(firstNames, digest)}) || '.' || left(${hexOf(`substr(${digest}, 9, 6)`)}, 12) || '@example.com')`,
  ),
  "anon.pseudo_first_name": of((digest) => chosen(firstNames, digest)),
  "anon.pseudo_last_name": of((digest) => chosen(lastNames, digest)),
};
