import type { Mask } from "../../config/define/masks.ts";
import type { ColumnType } from "../model/column-type.ts";
import { bytesCode, codeMask } from "./code.ts";
import { jsonMask, shift } from "./json.ts";
import { digitsOf, isExact, numberInRange, otherNumber } from "./numbers.ts";
import {
  bytesToken,
  dictionaryMask,
  emailMask,
  exchangedMask,
  ipMask,
  macMask,
  nameMask,
  numberTokenMask,
  phoneMask,
  textMask,
  tokenMask,
  uniqueDays,
  uniqueIpMask,
  urlMask,
  uuidMask,
  withNumber,
} from "./text.ts";

/** One value, not NULL, of the column's element type. */
export function elementSql(mask: Mask, value: string, type: ColumnType): string {
  const asText = type.base.endsWith("citext") ? `lower(${value}::text)` : `${value}::text`;
  switch (mask.mask) {
    case "date": {
      const by = (days: string) =>
        type.family === "date"
          ? `${value} + ${days}::int`
          : `${value} + make_interval(days => ${days}::int)`;
      if (mask.unique) {
        const moved = by(uniqueDays(`${value}::date`, mask.days));
        return `case when isfinite(${value}) then ${moved} else ${value} end`;
      }
      const moved = (n: string) => by(shift(n, mask.days));
      return withNumber(`extract(epoch from ${value})::text`, 2 * mask.days, moved);
    }
    case "number":
      return numberInRange(mask.percent, value, type);
    case "json": {
      const json = type.base === "jsonb" ? value : `${value}::jsonb`;
      const masked = jsonMask(json, mask.paths, mask.others, jsonTextMask);
      return `case when ${value} is not null then ${masked}::${type.base} end`;
    }
    case "token":
      return tokenSql(asText, value, type);
    case "code":
      if (type.family === "bytea") return bytesCode(value);
      if (type.family !== "text") return otherNumber(value, type, "code");
      return codeMask(asText);
    case "ip":
      if (type.family === "inet") return `${ipMask(`host(${value})`, false)}::inet`;
      break;
    case "uuid":
      if (type.family === "uuid") return uuidMask(asText);
      break;
    case "dictionary":
      return (mask.unique ? exchangedMask : dictionaryMask)(asText, mask.values);
  }
  return cut(textSql(mask, asText, type.length), type);
}

const cut = (text: string, { length }: ColumnType): string =>
  length === undefined ? text : `rtrim(left(${text}, ${length}))`;

function tokenSql(asText: string, value: string, type: ColumnType): string {
  switch (type.family) {
    case "bytea":
      return bytesToken(asText);
    case "inet":
      return `${uniqueIpMask(asText)}::inet`;
    case "macaddr":
      return `${macMask(asText, type.base === "macaddr" ? 6 : 8)}::${type.base}`;
    case "text":
      return cut(tokenMask(asText), type);
    default:
      return isExact(type)
        ? otherNumber(value, type, "token")
        : `${numberTokenMask(asText, digitsOf(type))}::${type.base}`;
  }
}

/** Masks that make text, at most `longest` characters of it where the kind of value allows that. */
function textSql(mask: Mask, value: string, longest: number | undefined): string {
  switch (mask.mask) {
    case "email":
      return emailMask(value, longest ?? Number.POSITIVE_INFINITY);
    case "phone":
      return phoneMask(value);
    case "url":
      return urlMask(value);
    case "token":
      return tokenMask(value);
    case "code":
      return codeMask(value);
    case "ip":
      return ipMask(value, longest !== undefined && longest < 35);
    case "uuid":
      return `${uuidMask(value)}::text`;
    case "name":
      return nameMask(value, mask.part);
    case "text":
      return textMask(value, longest, mask.unique);
    default:
      throw new Error(`${mask.mask} makes no text`);
  }
}

/** `{value}` of an SQL mask inside JSON is the value as text. */
const jsonTextMask = (mask: Mask, value: string): string =>
  mask.mask === "sql"
    ? `(${mask.expression.replaceAll("{value}", value)})`
    : textSql(mask, value, undefined);
