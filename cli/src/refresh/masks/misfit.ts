import type { Constant, Mask } from "../../config/define/masks.ts";
import type { ColumnType, Family } from "../model/column-type.ts";
import type { MaskMisfit } from "../model/problem.ts";
import { digitsOf, isExact } from "./numbers.ts";

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
  /** It is so as it stands in a key, and not by what an index's expression takes of it. */
  uniqueWhole?: boolean;
  /** Two rows that have NULL count as the same for that. */
  oneNull?: boolean;
  /** The only values that there can be: labels of an enum, or texts that a check constraint lists. */
  labels: readonly string[] | undefined;
}

const always: Mask["mask"][] = ["email", "phone", "url", "uuid", "token", "keep", "sql"];

/** Whether different values are sure to have different masks. */
function keepsDifferent(mask: Mask, { type, labels, oneNull = false }: Fit): boolean {
  switch (mask.mask) {
    case "null":
      return !oneNull;
    case "text":
    case "date":
      return mask.unique;
    case "dictionary":
      return (
        mask.unique &&
        new Set(mask.values).size === mask.values.length &&
        (labels ?? [undefined]).every((one) => one !== undefined && mask.values.includes(one))
      );
    case "code":
      return type.family !== "bytea";
    default:
      return always.includes(mask.mask);
  }
}

const textual: Family[] = ["text"];
const families: Record<Mask["mask"], Family[] | undefined> = {
  email: textual,
  phone: textual,
  url: textual,
  name: textual,
  text: textual,
  ip: ["text", "inet"],
  uuid: ["text", "uuid"],
  token: ["text", "integer", "number", "bytea", "inet", "macaddr"],
  code: ["text", "integer", "number", "bytea"],
  date: ["date", "timestamp"],
  number: ["integer", "number"],
  json: ["json"],
  dictionary: ["text", "enum"],
  constant: undefined,
  null: undefined,
  keep: undefined,
  sql: undefined,
};

export const fitsFamily = (mask: Mask, type: ColumnType): boolean =>
  (families[mask.mask]?.includes(type.family) ?? true) &&
  !(mask.mask === "code" && type.family === "number" && !isExact(type));

/** Characters without which the result would be none of its kind. */
const shortest: Partial<Record<Mask["mask"], number>> = { url: 32, uuid: 36, ip: 14 };
/** Characters that keep different values different. */
const shortestUnique: Partial<Record<Mask["mask"], number>> = {
  email: 12,
  token: 12,
  text: 12,
  phone: 16,
};

/** As much of a column as decides whether a mask fits. */
export type Fit = Omit<MaskedColumn, "value">;

/** Why the mask does not go with the column; undefined where it does. */
export function misfitOf(mask: Mask, column: Fit): MaskMisfit | undefined {
  const { target, type, notNull, unique, labels } = column;
  const name = mask.mask;
  if (!fitsFamily(mask, type)) return { code: "MASK_TYPE", mask: name, type: target };
  if (name === "null" && notNull) return { code: "MASK_NULL", mask: name };
  const length = type.length ?? Number.POSITIVE_INFINITY;
  const needs = shortest[name] ?? 0;
  if (length < needs) return { code: "MASK_TOO_LONG", mask: name, needs, length };
  if (mask.mask === "constant" || mask.mask === "dictionary") {
    const values = mask.mask === "constant" ? [mask.value] : mask.values;
    const wrong = values.find((value) => !constantFits(value, type, labels));
    if (wrong !== undefined) {
      return { code: "MASK_VALUE", mask: name, value: JSON.stringify(wrong), type: target };
    }
  }
  if (mask.mask === "json") return misfitInside(mask.paths) ?? misfitOfUniqueJson(column);
  return unique ? misfitOfUnique(mask, column) : undefined;
}

/** Masks inside may leave the same of two documents; what an index's expression takes of them may still differ. */
const misfitOfUniqueJson = ({ type, uniqueWhole = false }: Fit): MaskMisfit | undefined =>
  uniqueWhole
    ? { code: "MASK_NOT_UNIQUE", mask: "json", instead: uniqueOf("json", type) }
    : undefined;

/** Different values have to stay different. */
function misfitOfUnique(mask: Mask, column: Fit): MaskMisfit | undefined {
  const { target, type } = column;
  const name = mask.mask;
  if (!keepsDifferent(mask, column)) {
    return { code: "MASK_NOT_UNIQUE", mask: name, instead: uniqueOf(name, type) };
  }
  const length = type.length ?? Number.POSITIVE_INFINITY;
  const needs = shortestUnique[name] ?? 0;
  if (type.family === "text" && length < needs) {
    return { code: "MASK_TOO_LONG_UNIQUE", mask: name, needs, length };
  }
  const digits = digitsOf(type);
  if (name === "token" && type.family === "number" && !isExact(type) && digits < 13) {
    return { code: "MASK_TOO_FEW_DIGITS", mask: name, digits, type: target };
  }
  return undefined;
}

function uniqueOf(name: Mask["mask"], { family }: ColumnType): string {
  if (name === "text") return "mask.text({ unique: true })";
  if (name === "dictionary" || family === "enum") return "mask.dictionary([...], { unique: true })";
  if (family === "date" || family === "timestamp") return "mask.date({ unique: true })";
  if (family === "uuid") return "mask.uuid()";
  const tokens = families.token?.includes(family) ?? false;
  return tokens ? "mask.token()" : 'mask.sql("...")';
}

function misfitInside(paths: Record<string, Mask>): MaskMisfit | undefined {
  for (const [path, mask] of Object.entries(paths)) {
    if (mask.mask === "date") return { code: "MASK_IN_JSON", mask: mask.mask, path };
    const inner = mask.mask === "json" ? misfitInside(mask.paths) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function constantFits(
  value: Constant,
  { family, length, array }: ColumnType,
  labels: readonly string[] | undefined,
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
