import type { NamePart } from "../../config/define/masks.ts";
import { quoteLiteral } from "../../postgres/quote.ts";
import { digest, secretByte } from "./digest.ts";
import { companyKinds, companyNames, firstNames, lastNames, prose } from "./words.ts";

/**
 * Masks as SQL on a value of type text. All go by a digest of the secret and the value: without the secret
 * nobody can try out which value gave a mask, and what is left of the digest (48 bits where values have to
 * stay different) could not be turned back even with it. NULL gives NULL, as every function here is strict.
 */

/** The digest is worked out once, however often it is used: `offset 0` keeps the planner from copying it. */
const withDigest = (value: string, use: (digest: string) => string): string =>
  `(select ${use("s.h")} from (select ${digest(value)} as h offset 0) s)`;

/** The same for a number from 0 to `below` - 1. */
export const withNumber = (value: string, below: number, use: (number: string) => string): string =>
  `(select ${use("s.n")} from (select ${numberOf(digest(value), 4, below)} as n offset 0) s)`;

const numberOf = (digest: string, bytes: number, below: number) =>
  `(('x' || encode(substr(${digest}, 9, ${bytes}), 'hex'))::bit(${bytes * 8})::bigint % ${below})`;

const hex = (digest: string) => `encode(substr(${digest}, 1, 6), 'hex')`;

const list = (values: readonly string[]) =>
  `(array[${values.map(quoteLiteral).join(", ")}]::text[])`;

/** A list of 64 or 16: a byte chooses evenly. */
const chosen = (values: readonly string[], digest: string, byte: number) =>
  `${list(values)}[1 + get_byte(${digest}, ${byte}) % ${values.length}]`;

const lowerNames = firstNames.map((name) => name.toLowerCase());

export function emailMask(value: string, length: number): string {
  const full = (h: string) => `${chosen(lowerNames, h, 8)} || '.' || ${hex(h)} || '@example.com'`;
  if (length >= 31) return withDigest(value, full);
  return `${hex(digest(value))}${length >= 24 ? " || '@example.com'" : ""}`;
}

export const phoneMask = (value: string): string =>
  `('+0' || lpad(${numberOf(digest(value), 6, 1e14)}::text, 14, '0'))`;

export const urlMask = (value: string): string =>
  `('https://example.com/' || ${hex(digest(value))})`;

export const tokenMask = (value: string): string => hex(digest(value));

/** Of the kind that whoever runs a network gives out: 46 bits of the digest, or 62. */
export const macMask = (value: string, bytes: 6 | 8): string =>
  `(select encode(set_byte(m.h, 0, get_byte(m.h, 0) & 252 | 2), 'hex') from (select substr(${digest(value)}, 1, ${bytes}) as h offset 0) m)`;

/** An address for documentation, whatever the family was. */
export const uniqueIpMask = (value: string): string => newAddress(digest(value));

/** 16 bytes. */
export const bytesToken = (value: string): string => `substr(${digest(value)}, 1, 16)`;

/** Between 10^(digits-1) and 10^digits, as a bigint. */
export const numberTokenMask = (value: string, digits: number): string =>
  `(${10 ** (digits - 1)} + ${numberOf(digest(value), 6, 9 * 10 ** (digits - 1))})`;

/** Version 4 by its marks, 120 bits of the digest otherwise. */
export const uuidMask = (value: string): string => {
  const whole = `encode(substr(${digest(value)}, 1, 16), 'hex')`;
  return `overlay(overlay(${whole} placing '4' from 13) placing '8' from 17)::uuid`;
};

/** `only4`: where an address of the new kind would not fit. */
export function ipMask(value: string, only4: boolean): string {
  const old = (h: string) =>
    `concat_ws('.', '10', ${[0, 1, 2].map((byte) => `get_byte(${h}, ${byte})`).join(", ")})`;
  const both = (h: string) =>
    `case when ${h} is null then null when strpos(${value}, ':') > 0 then ${newAddress(h)} else ${old(h)} end`;
  const four = (h: string) => `case when ${h} is not null then ${old(h)} end`;
  return withDigest(value, only4 ? four : both);
}

/** 96 bits of the digest. */
const newAddress = (digest: string): string =>
  `('2001:db8' || regexp_replace(encode(substr(${digest}, 1, 12), 'hex'), '(....)', ':\\1', 'g'))`;

export function nameMask(value: string, part: NamePart): string {
  switch (part) {
    case "first":
      return chosen(firstNames, digest(value), 8);
    case "last":
      return chosen(lastNames, digest(value), 9);
    case "full":
      return withDigest(
        value,
        (h) => `${chosen(firstNames, h, 8)} || ' ' || ${chosen(lastNames, h, 9)}`,
      );
    case "company":
      return withDigest(
        value,
        (h) => `${chosen(companyNames, h, 8)} || ' ' || ${chosen(companyKinds, h, 9)}`,
      );
  }
}

export const dictionaryMask = (value: string, values: readonly string[]): string =>
  `${list(values)}[1 + ${numberOf(digest(value), 4, values.length)}]`;

/** Each of the values becomes another one of them, and all different ones. */
export function exchangedMask(value: string, values: readonly string[]): string {
  const count = values.length;
  const step = `1 + ${numberOf(digest("'dictionary'"), 4, Math.max(count - 1, 1))}`;
  return `(select coalesce(${list(values)}[1 + (array_position(${list(values)}, x.v) - 1 + ${step}) % ${count}], ${dictionaryMask("x.v", values)}) from (select ${value} as v offset 0) x)`;
}

/**
 * By how many days a date is moved so that no two meet: within blocks of one day more, each turned by a
 * number of its own. `date` is finite.
 */
export function uniqueDays(date: string, days: number): string {
  const size = days + 1;
  const step = `1 + ${numberOf(digest("'days ' || b.block"), 4, days)}`;
  return `(select (b.at + ${step}) % ${size} - b.at from (select d.n - d.block * ${size} as at, d.block from (select e.n, floor(e.n / ${size}.0)::int as block from (select ${date} - date '2000-01-01' as n offset 0) e offset 0) d offset 0) b)`;
}

/** Where the words begin that a text may start with. */
const starts = [...prose.matchAll(/(?<= )\w/g)].map(({ index }) => index + 1).slice(0, 64);
/** Up to so many bytes a text is cut out of what stands in the statement; most are. */
const short = 2000;
const much = prose.repeat(Math.ceil((short + (starts.at(-1) ?? 0)) / prose.length));

/**
 * Up to so many bytes a text chooses its words by its digest. Longer ones differ in their lengths, which stay: that
 * chooses as well, costs a third, and nothing else of the text goes in.
 */
const several = 64;

/** Other words of the same length; `unique`: 12 digits come first, and count. */
export function textMask(value: string, longest: number | undefined, unique: boolean): string {
  const length = longest === undefined ? `length(${value})` : `least(length(${value}), ${longest})`;
  if (!unique) {
    const few = `case when ${value} = '' then '' else ${cut(`get_byte(${digest(value)}, 8)`, `${length} - 1`)} end`;
    const many = cut(`${length} + ${secretByte("words")}`, `${length} - 1`);
    return `case when octet_length(${value}) <= ${several} then ${few} when octet_length(${value}) <= ${short} then ${many} when ${value} is not null then ${cutLong(`${length} - 1`)} end`;
  }
  const left = `${length} - 14`;
  const rest = (h: string) => {
    const from = `get_byte(${h}, 8)`;
    return `case when ${length} < 14 then '' when octet_length(${value}) <= ${short} then ${cut(from, left)} else ${cutLong(left, from)} end`;
  };
  return withDigest(value, (h) => `rtrim(${hex(h)} || ' ' || ${rest(h)})`);
}

const startAt = (number: string): string =>
  `(array[${starts.join(",")}])[1 + (${number}) % ${starts.length}]`;

/** So many characters from one of the starts, and one more: a letter, as what has no space at its ends may not get one. */
const cutOf = (bytes: string, number: string, length: string): string =>
  `(convert_from(substr(${bytes}, ${startAt(number)}, ${length}), 'UTF8') || 's')`;

const cut = (number: string, length: string): string =>
  cutOf(`${quoteLiteral(much)}::bytea`, number, length);

const cutLong = (length: string, number = secretByte("words")): string =>
  cutOf(
    `convert_to(repeat(${quoteLiteral(prose)}, 2 + (${length}) / ${prose.length}), 'UTF8')`,
    number,
    length,
  );
