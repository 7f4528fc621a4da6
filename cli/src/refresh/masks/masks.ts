import type { Constant, Mask } from "../../config/define/masks.ts";
import { quoteLiteral } from "../../postgres/quote.ts";
import type { ColumnType, Family } from "../model/column-type.ts";
import { jsonMask, numberNoise, shift } from "./json.ts";
import {
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

/** A column that a mask is to be put on. */
export interface MaskedColumn {
  /** The value as SQL, such as `t."email"`. */
  value: string;
  /** The type it is loaded into, as Postgres writes it, and taken apart. */
  target: string;
  type: ColumnType;
  notNull: boolean;
  /** Its values have to stay different, alone or together with other columns. */
  unique: boolean;
  /** Labels, of an enum. */
  labels: string[] | undefined;
}

export type MaskResult = { sql: string } | { problem: string };

/** The SQL of the mask on this column, or a sentence of why it does not fit. */
export function maskedColumn(mask: Mask, column: MaskedColumn): MaskResult {
  const { value, target, type } = column;
  if (mask.mask === "keep") return { sql: value };
  const problem = misfit(mask, column);
  if (problem !== undefined) return { problem };
  if (mask.mask === "null") return { sql: `null::${target}` };
  if (mask.mask === "sql") {
    const sql = mask.expression.replaceAll("{value}", value);
    return { sql: `case when ${value} is not null then (${sql})::${target} end` };
  }
  if (mask.mask === "constant") {
    const constant = constantLiteral(mask.value, type);
    return { sql: `case when ${value} is not null then ${constant}::${target} end` };
  }
  if (!type.array) return { sql: `(${elementSql(mask, value, type)})::${target}` };
  const element = elementSql(mask, "a.v", type);
  return {
    sql: `case when cardinality(${value}) = 0 then ${value} else (select array_agg(${element} order by a.n) from unnest(${value}) with ordinality a(v, n))::${target} end`,
  };
}

/** Whether different values are sure to have different masks. */
export const keepsDifferent = (mask: Mask): boolean =>
  mask.mask === "text"
    ? mask.unique
    : ["email", "phone", "url", "uuid", "token", "keep", "null", "sql"].includes(mask.mask);

const textual: Family[] = ["text"];
const families: Record<Mask["mask"], Family[] | undefined> = {
  email: textual,
  phone: textual,
  url: textual,
  name: textual,
  text: textual,
  ip: ["text", "inet"],
  uuid: ["text", "uuid"],
  token: ["text", "integer", "number"],
  date: ["date", "timestamp"],
  number: ["integer", "number"],
  json: ["json"],
  dictionary: ["text", "enum"],
  constant: undefined,
  null: undefined,
  keep: undefined,
  sql: undefined,
};

export const fitsFamily = (mask: Mask, { family }: ColumnType): boolean =>
  families[mask.mask]?.includes(family) ?? true;

/** Characters without which the result would be none of its kind. */
const shortest: Partial<Record<Mask["mask"], number>> = { url: 32, uuid: 36, ip: 14 };
/** Characters that keep different values different. */
const shortestUnique: Partial<Record<Mask["mask"], number>> = {
  email: 12,
  token: 12,
  text: 12,
  phone: 16,
};

/** How long a text column has to be for the mask. */
export const fewestCharacters = (mask: Mask["mask"], unique: boolean): number =>
  Math.max(shortest[mask] ?? 0, unique ? (shortestUnique[mask] ?? 0) : 0);

function misfit(
  mask: Mask,
  { target, type, notNull, unique, labels }: MaskedColumn,
): string | undefined {
  const name = `mask.${mask.mask}()`;
  if (!fitsFamily(mask, type)) return `${name} does not fit ${target}`;
  if (mask.mask === "null" && notNull) return `${name} does not fit a column that is NOT NULL`;
  const length = type.length ?? Number.POSITIVE_INFINITY;
  if (length < (shortest[mask.mask] ?? 0)) {
    return `${name} needs ${shortest[mask.mask]} characters, and the column has ${length}`;
  }
  if (mask.mask === "constant" || mask.mask === "dictionary") {
    const values = mask.mask === "constant" ? [mask.value] : mask.values;
    const wrong = values.find((value) => !constantFits(value, type, labels));
    if (wrong !== undefined) return `${JSON.stringify(wrong)} of ${name} does not fit ${target}`;
  }
  if (mask.mask === "json") return misfitInside(mask.paths);
  if (!unique) return undefined;
  if (!keepsDifferent(mask)) {
    const instead = mask.mask === "text" ? "mask.text({ unique: true })" : "mask.token()";
    return `${name} may give two values the same mask, and the column is unique; ${instead} would not`;
  }
  if (type.family === "text" && length < (shortestUnique[mask.mask] ?? 0)) {
    return `${name} needs ${shortestUnique[mask.mask]} characters to keep values different, and the column has ${length}`;
  }
  if (mask.mask === "token" && type.family !== "text" && digitsOf(type) < 13) {
    return `${name} has ${digitsOf(type)} digits in ${target}: too few to keep values different`;
  }
  return undefined;
}

function misfitInside(paths: Record<string, Mask>): string | undefined {
  for (const [path, mask] of Object.entries(paths)) {
    if (mask.mask === "date") return `mask.date() does not fit inside JSON (${path})`;
    const inner = mask.mask === "json" ? misfitInside(mask.paths) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** One value, not NULL, of the column's element type. */
function elementSql(mask: Mask, value: string, type: ColumnType): string {
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
  return type.length === undefined ? text : `left(${text}, ${type.length})`;
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

const largest: Record<string, string> = {
  smallint: "32767",
  integer: "2147483647",
  bigint: "9223372036854775807",
};

function numberInRange(percent: number, value: string, { base, precision }: ColumnType): string {
  if (base === "real" || base === "double precision") {
    return numberNoise(value, `${value}::text`, percent);
  }
  const noisy = `round(${numberNoise(`${value}::numeric`, `${value}::text`, percent)}, ${precision?.[1] ?? `coalesce(scale(${value}::numeric), 0)`})`;
  const [digits, scale] = precision ?? [0, 0];
  const limit =
    largest[base] ??
    (digits > 0 ? `(10::numeric ^ ${digits - scale} - 10::numeric ^ ${-scale})` : undefined);
  return limit === undefined ? noisy : `greatest(least(${noisy}, ${limit}), -${limit})`;
}

/** How many decimal digits of a token fit into a number. */
function digitsOf({ base, precision }: ColumnType): number {
  const most = { smallint: 4, integer: 9, real: 6 }[base] ?? 14;
  return precision === undefined ? most : Math.max(1, Math.min(most, precision[0] - precision[1]));
}

function constantFits(
  value: Constant,
  { family, length, array }: ColumnType,
  labels: string[] | undefined,
): boolean {
  if (array) return typeof value === "string";
  switch (family) {
    case "text":
      return typeof value === "string" && value.length <= (length ?? value.length);
    case "integer":
      return typeof value === "number" && Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "enum":
      return labels?.includes(String(value)) ?? false;
    case "json":
      return true;
    default:
      return typeof value === "string";
  }
}

function constantLiteral(value: Constant, { family, array }: ColumnType): string {
  if (family === "json" && !array) return quoteLiteral(JSON.stringify(value));
  if (family === "bytea" && !array) return `convert_to(${quoteLiteral(String(value))}, 'UTF8')`;
  return quoteLiteral(String(value));
}
