import type { Catalogue, TypeKind } from "./catalogue.ts";

export type Family =
  | "text"
  | "integer"
  | "number"
  | "boolean"
  | "date"
  | "timestamp"
  | "uuid"
  | "enum"
  | "json"
  | "inet"
  | "macaddr"
  | "bytea"
  /** Times of day, intervals, bits, ranges of numbers and times: no text fits in. */
  | "plain"
  /** Everything else, also what nobody has heard of yet. */
  | "other";

/** What a type is, behind domains, arrays and modifiers. */
export interface ColumnType {
  family: Family;
  array: boolean;
  /** The type itself: `character varying`, `public.citext`, `bigint`. */
  base: string;
  /** `n` of `varchar(n)` and `char(n)`. */
  length: number | undefined;
  /** `[p, s]` of `numeric(p,s)`. */
  precision: [digits: number, scale: number] | undefined;
  /** The first number in brackets, of any type: `3` of `vector(3)`. */
  modifier?: number | undefined;
  /** Of types that users make, where it is known. */
  kind?: TypeKind | undefined;
}

const families: Record<string, Family> = {
  text: "text",
  "character varying": "text",
  character: "text",
  name: "text",
  smallint: "integer",
  integer: "integer",
  bigint: "integer",
  numeric: "number",
  real: "number",
  "double precision": "number",
  money: "plain",
  boolean: "boolean",
  date: "date",
  "timestamp without time zone": "timestamp",
  "timestamp with time zone": "timestamp",
  uuid: "uuid",
  json: "json",
  jsonb: "json",
  inet: "inet",
  cidr: "inet",
  macaddr: "macaddr",
  macaddr8: "macaddr",
  bytea: "bytea",
};
const plain =
  /^(time with(out)? time zone|interval|bit|bit varying|(int4|int8|num|ts|tstz|date)(multi)?range|"char")(?!\w)/;
/** Written by an extension, in whichever schema it was put. */
const citext = /(^|\.)citext$/;

/** The type as `format_type` writes it, taken apart. */
export function columnType(
  type: string,
  { domains, enums, kinds }: Pick<Catalogue, "domains" | "enums" | "kinds">,
): ColumnType {
  const array = type.endsWith("[]");
  const element = array ? type.slice(0, -2) : type;
  const domain = domains[element];
  if (domain !== undefined) {
    const inner = columnType(domain, { domains, enums, ...(kinds ? { kinds } : {}) });
    return { ...inner, array: array || inner.array };
  }
  const [, modifier] = /\((\d+(?:,-?\d+)?)\)/.exec(element) ?? [];
  const base = element.replace(/\(\d+(,-?\d+)?\)/, "");
  const family: Family =
    enums[element] !== undefined
      ? "enum"
      : (families[base] ?? (citext.test(base) ? "text" : plain.test(base) ? "plain" : "other"));
  const [first, second = 0] = modifier?.split(",").map(Number) ?? [];
  return {
    family,
    array,
    base,
    length: family === "text" ? (first ?? (base === "character" ? 1 : undefined)) : undefined,
    precision: base === "numeric" && first !== undefined ? [first, second] : undefined,
    ...(first === undefined ? {} : { modifier: first }),
    ...(kinds?.[base] === undefined ? {} : { kind: kinds[base] }),
  };
}

/** A type without its modifier, for casts: `character` by itself would be `character(1)`. */
export const ofAnyLength = (base: string): string =>
  ({ character: "bpchar", bit: "varbit" })[base] ?? base;
