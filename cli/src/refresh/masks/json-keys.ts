import { quoteLiteral } from "../../postgres/quote.ts";
import { emailMask, ipMask, phoneMask } from "./text.ts";

/**
 * Keys of JSON objects are names that programs gave, and stay; but some are filled in by people's addresses:
 * those get the mask that a value would have.
 */

/** A key without any of this is no address: for nearly all of them one look is enough. */
const possible = String.raw`@|:[\da-fA-F:]|\d\D*\d\D*\d\D*\d`;
const email = String.raw`[^\s@]@[^\s@]+\.[^\s@\d]`;
const ip = [
  String.raw`(^|[^\d.])\d{1,3}(\.\d{1,3}){3}($|[^\d.])`,
  String.raw`^([\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4}`,
  String.raw`^[\da-fA-F:]*::[\da-fA-F:.]*`,
].join("|");
/** With a plus, in groups, or of a length that few other numbers have. Dates and decimal numbers are none. */
const phone = [
  String.raw`\+\d([-() ./]*\d){6,14}`,
  String.raw`^(?!\d{1,4}[-./]\d{1,2}[-./]\d{1,4}$)(?!\d+\.?\d*$)[(]?\d([-() ./]*\d){6,14}$`,
  String.raw`^\d{10,15}$`,
].join("|");

/** @param key SQL of type text, cheap to repeat */
export const maskedKey = (key: string): string =>
  `case when ${isPossibleAddress(key)} then ${byKind(key)} else ${key} end`;

/** The same for a key as JSON writes it before its value: `"key": `. */
export const maskedWrittenKey = (written: string): string => {
  const key = `k.t`;
  return `case when ${isPossibleAddress(written)} then (select to_jsonb(${byKind(key)})::text || ': ' from (select left(${written}, -2)::jsonb #>> '{}' as t offset 0) k) else ${written} end`;
};

export const isPossibleAddress = (text: string) => `${text} ~ ${quoteLiteral(possible)}`;

const byKind = (key: string) =>
  `case when ${key} ~ ${quoteLiteral(email)} then ${emailMask(key, Number.POSITIVE_INFINITY)} when ${key} ~ ${quoteLiteral(ip)} then ${ipMask(key, false)} when ${key} ~ ${quoteLiteral(phone)} then ${phoneMask(key)} else ${key} end`;
