import type { Mask } from "../../config/define/masks.ts";
import type { ColumnType } from "../model/column-type.ts";
import { jsonMask, shift } from "./json.ts";
import { digitsOf, numberInRange } from "./numbers.ts";
import {
  bytesToken,
  dictionaryMask,
  emailMask,
  ipMask,
  nameMask,
  numberTokenMask,
  phoneMask,
  textMask,
  tokenMask,
  urlMask,
  uuidMask,
  withNumber,
} from "./text.ts";

/** One value, not NULL, of the column's element type. */
export function elementSql(mask: Mask, value: string, type: ColumnType): string {
  const asText = type.base.endsWith("citext") ? `lower(${value}::text)` : `${value}::text`;
  switch (mask.mask) {
    case "date": {
      const moved = (n: string) => {
        const days = shift(n, mask.days);
        return type.family === "date"
          ? `${value} + ${days}::int`
          : `${value} + make_interval(days => ${days}::int)`;
      };
      return withNumber(`extract(epoch from ${value})::text`, 2 * mask.days, moved);
    }
    case "number":
      return numberInRange(mask.percent, value, type);
    case "json": {
      const masked = jsonMask(`${value}::jsonb`, mask.paths, mask.others, jsonTextMask);
      return `case when ${value} is not null then ${masked}::${type.base} end`;
    }
    case "token":
      if (type.family === "bytea") return bytesToken(asText);
      if (type.family !== "text") return `${numberTokenMask(asText, digitsOf(type))}::${type.base}`;
      break;
    case "ip":
      if (type.family === "inet") return `${ipMask(`host(${value})`, false)}::inet`;
      break;
    case "uuid":
      if (type.family === "uuid") return uuidMask(asText);
      break;
    case "dictionary":
      return dictionaryMask(asText, mask.values);
  }
  const text = textSql(mask, asText, type.length);
  return type.length === undefined ? text : `rtrim(left(${text}, ${type.length}))`;
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
