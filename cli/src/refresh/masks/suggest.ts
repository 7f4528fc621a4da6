import type { Mask } from "../../config/define/masks.ts";
import type { ColumnType } from "../model/column-type.ts";
import { isHarmlessName, soundsPersonal } from "./keepable.ts";
import { fewestCharacters } from "./misfit.ts";
import { spaced } from "./sensitive.ts";

const has = (name: string, words: string) => new RegExp(`\\b(${words})\\b`).test(name);

/** What nearly all values look like, as far as a mask goes by it. */
export type MaskShape = "email" | "phone" | "url" | "ip" | "uuid" | "token" | "name" | "text";

export interface Known {
  unique?: boolean;
  notNull?: boolean;
  shape?: MaskShape | undefined;
  /** Few different values in many rows, and each of them with several tenants. */
  common?: boolean;
  /** Of JSON: paths to numbers that sound personal; `free`: keys that no program gave. */
  json?: { numbers: readonly string[]; free: boolean } | undefined;
  /** Whether a row of the table is a person; undefined: not known. */
  person?: boolean;
  /** The only values that there can be: labels of an enum, or texts that a check constraint lists. */
  allowed?: readonly string[] | undefined;
  /** It says what kind of row another column's id means, such as `owner_type`. */
  typeOfPair?: boolean;
}

/** What a column most probably needs: code for the configuration. Where that is unsure it is masked. */
export function suggestedMask(column: string, type: ColumnType, known: Known = {}): string {
  const code = fitting(byName(column, type, known), type, known.unique ?? false);
  if (code === "mask.null()" && known.notNull) return withoutNull(type);
  if (!known.unique || type.family !== "text" || code === "mask.keep()") return code;
  // Nothing would keep masks apart in so few characters; where NULL is not allowed --plan says so.
  if ((type.length ?? enough) < enough) return known.notNull ? "mask.token()" : "mask.null()";
  if (code === "mask.text()") return "mask.text({ unique: true })";
  return /^mask\.(name|ip)/.test(code) ? "mask.token()" : code;
}

/** What there is instead of nothing at all, where the type has that. */
const withoutNull = ({ family, array, base }: ColumnType): string =>
  array
    ? 'mask.constant("{}")'
    : family === "bytea" || /(^|\.)(hstore|tsvector|ltree)$/.test(base)
      ? 'mask.constant("")'
      : "mask.null()";

function jsonCode(json: Known["json"]): string {
  if (json?.free) return 'mask.json({}, { others: "drop" })';
  const paths = (json?.numbers ?? []).map((path) => `${JSON.stringify(path)}: mask.token()`);
  return paths.length === 0 ? "mask.json()" : `mask.json({ ${paths.join(", ")} })`;
}

const dictionaryCode = (values: readonly string[]): string =>
  `mask.dictionary([${values.map((value) => JSON.stringify(value)).join(", ")}])`;

const enough = 12;

/** A short column has no room for a URL, for one; a token fits into any. */
function fitting(code: string, { family, length }: ColumnType, unique: boolean): string {
  const [, name = ""] = /^mask\.(\w+)/.exec(code) ?? [];
  const isTooShort =
    family === "text" &&
    length !== undefined &&
    length < fewestCharacters(name as Mask["mask"], unique);
  return isTooShort ? "mask.token()" : code;
}

function byName(column: string, { family, array }: ColumnType, known: Known): string {
  const name = spaced(column);
  switch (family) {
    case "json":
      return jsonCode(known.json);
    case "inet":
      return "mask.ip()";
    case "date":
    case "timestamp":
      return "mask.date()";
    case "uuid":
      return "mask.uuid()";
    case "enum":
      return (known.allowed ?? []).length > 0 ? dictionaryCode(known.allowed ?? []) : "mask.null()";
    case "bytea":
      return known.unique ? "mask.token()" : "mask.null()";
    case "integer":
    case "number":
      return has(name, "salary|wage|income|compensation|age|lat|latitude|lng|lon|longitude")
        ? "mask.number()"
        : "mask.token()";
    case "text":
      return textByName(column, array, known);
    default:
      return "mask.null()";
  }
}

function textByName(column: string, array: boolean, known: Known): string {
  const name = spaced(column);
  // Nothing else would be let in. Which of them it is may be personal.
  if (known.allowed !== undefined && !known.unique) {
    return soundsPersonal(column) ? dictionaryCode(known.allowed) : "mask.keep()";
  }
  if (known.shape !== undefined) return `mask.${known.shape}()`;
  if (known.typeOfPair) return "mask.keep()";
  if (!array && known.unique !== true && isHarmlessName(column)) return "mask.keep()";
  if (!array && known.common === true && !soundsPersonal(column)) return "mask.keep()";
  if (has(name, "e ?mails?|mail")) return "mask.email()";
  if (has(name, "phones?|mobile|cell|fax|tel|telephone|msisdn")) return "mask.phone()";
  if (has(name, "ip|ip ?address|ip ?addr")) return "mask.ip()";
  if (has(name, "urls?|uri|link|href|website|homepage|avatar|image|photo|picture"))
    return "mask.url()";
  if (has(name, "first ?name|given ?name|forename|middle ?name|fname"))
    return 'mask.name({ part: "first" })';
  if (has(name, "last ?name|family ?name|surname|lname")) return 'mask.name({ part: "last" })';
  if (has(name, "full ?name|nick ?name|user ?name|author")) return "mask.name()";
  if (has(name, "display name") && known.person !== false) return "mask.name()";
  if (name === "name" && known.person === true) return "mask.name()";
  if (has(name, "company|organi[sz]ation|employer")) return 'mask.name({ part: "company" })';
  if (
    has(
      name,
      "ssn|iban|passport|tax id|national id|account number|card number|token|secret|password|hash|digest|key|external id|uid",
    ) ||
    / (\w*code|number|no|pin|zip)$/.test(` ${name}`)
  )
    return "mask.token()";
  return "mask.text()";
}
