import { type Mask, mask } from "../../config/define/masks.ts";
import type { ColumnType } from "../model/column-type.ts";
import { harmlessValue } from "./harmless.ts";
import { isHarmlessName, soundsPersonal } from "./keepable.ts";
import { maskCode } from "./mask-code.ts";
import { misfitOf } from "./misfit.ts";
import { spaced } from "./sensitive.ts";
import { maskByName } from "./suggest-text.ts";

/** What nearly all values look like, as far as a mask goes by it. */
export type MaskShape = "email" | "phone" | "url" | "ip" | "uuid" | "token" | "name" | "text";

export interface Known {
  unique?: boolean;
  /** Two rows that have NULL count as the same for that. */
  oneNull?: boolean;
  notNull?: boolean;
  shape?: MaskShape | undefined;
  /** Some of the values look like a person's: then it does not stay as it is, whatever else speaks for that. */
  personal?: boolean;
  /** Few different values in many rows, and each of them with several tenants. */
  common?: boolean;
  /** Values that no program's list has: nearly each is another one, long, or a person's. */
  various?: boolean;
  /** Of JSON: paths to numbers that sound personal; `free`: keys that no program gave. */
  json?: { numbers: readonly string[]; free: boolean } | undefined;
  /** Whether a row of the table is a person; undefined: not known. */
  person?: boolean;
  /** The only values that there can be: labels of an enum, or texts that a check constraint lists. */
  allowed?: readonly string[] | undefined;
  /** Texts that stand in checks of the column. */
  mentioned?: readonly string[] | undefined;
  /** It says what kind of row another column's id means, such as `owner_type`. */
  typeOfPair?: boolean;
  /** Code of masks after which a constraint does not hold. */
  refused?: readonly string[] | undefined;
}

/**
 * Masks that fit the column, the one that it most probably needs first; none where nothing does. Where it
 * is unsure whether a value is personal it is masked.
 */
export function fittingMasks(column: string, type: ColumnType, known: Known = {}): Mask[] {
  const first = byName(column, type, known);
  const masks = first.mask === "keep" ? [first] : [first, ...others(first, type, known)];
  const codes = masks.map(maskCode);
  const { unique = false, notNull = false, oneNull = false, allowed: labels, refused } = known;
  return masks.filter(
    (each, at) =>
      codes.indexOf(codes[at] ?? "") === at &&
      refused?.includes(codes[at] ?? "") !== true &&
      misfitOf(each, { target: type.base, type, notNull, unique, oneNull, labels }) === undefined,
  );
}

/** What else the type can have, where the first one does not fit, or a constraint does not let it in. */
function others(first: Mask, type: ColumnType, known: Known): Mask[] {
  const { notNull = false, unique = false, allowed = [] } = known;
  const harmless = notNull ? (unique ? undefined : harmlessValue(type)) : mask.null();
  const last = harmless === undefined ? [] : [harmless];
  const listed =
    allowed.length === 0
      ? []
      : [mask.dictionary(allowed), mask.dictionary(allowed, { unique: true })];
  switch (type.family) {
    case "text":
      return [...listed, ...otherTexts(first), ...mentionedIn(known), ...last, mask.code()];
    case "enum":
      return [...listed, ...last, mask.constant(allowed[0] ?? "")];
    case "integer":
    case "number":
      return [mask.token(), mask.code(), mask.number(), ...last, ...fewNumbers];
    case "date":
    case "timestamp":
      return [mask.date({ unique: true }), ...last];
    case "inet":
    case "macaddr":
      return [mask.token(), ...last];
    case "bytea":
      return [...last, mask.token(), mask.code()];
    case "json":
      return [mask.json({}, { others: "drop" }), ...last];
    default:
      return last;
  }
}

/** An address that is only exchanged letter by letter may be somebody's: that comes last. */
function otherTexts({ mask: name }: Mask): Mask[] {
  const other = mask.text({ unique: true });
  const forms = [mask.email(), mask.url(), mask.phone(), mask.uuid()];
  if (["email", "phone", "url", "ip"].includes(name)) return [mask.token(), mask.text(), other];
  return name === "text"
    ? [other, mask.token(), ...forms, mask.code()]
    : [mask.token(), mask.code(), mask.text(), other, ...forms];
}

const fewNumbers = [0, 2, 10, 100].map((value) => mask.constant(value));

const mentionedIn = ({ mentioned = [] }: Known): Mask[] =>
  mentioned.length === 0
    ? []
    : [mask.dictionary(mentioned), ...mentioned.map((text) => mask.constant(text))];

function jsonMask(json: Known["json"]): Mask {
  if (json?.free) return mask.json({}, { others: "drop" });
  return mask.json(Object.fromEntries((json?.numbers ?? []).map((path) => [path, mask.token()])));
}

/** By the name, before anything else is looked at. */
function byName(column: string, { family, array }: ColumnType, known: Known): Mask {
  switch (family) {
    case "json":
      return jsonMask(known.json);
    case "inet":
      return mask.ip();
    case "macaddr":
      return mask.token();
    case "date":
    case "timestamp":
      return mask.date();
    case "uuid":
      return mask.uuid();
    case "enum":
      return (known.allowed ?? []).length > 0 ? mask.dictionary(known.allowed ?? []) : mask.null();
    case "bytea":
      return known.unique ? mask.token() : mask.null();
    case "integer":
    case "number":
      return /\b(salary|wage|income|compensation|age|lat|latitude|lng|lon|longitude)\b/.test(
        spaced(column),
      )
        ? mask.number()
        : mask.token();
    case "text":
      return textByName(column, array, known);
    default:
      return mask.null();
  }
}

function isKeepable(column: string, array: boolean, known: Known): boolean {
  if (known.personal === true) return false;
  if (known.typeOfPair) return true;
  const isList = !array && known.unique !== true && known.various !== true;
  return (isList && isHarmlessName(column)) || (known.common === true && !soundsPersonal(column));
}

function textByName(column: string, array: boolean, known: Known): Mask {
  // Nothing else would be let in. Which of them it is may be personal.
  if (known.allowed !== undefined) {
    return soundsPersonal(column) ? mask.dictionary(known.allowed) : mask.keep();
  }
  if (known.shape !== undefined) return mask[known.shape]();
  if (isKeepable(column, array, known)) return mask.keep();
  return maskByName(spaced(column), known.person);
}
