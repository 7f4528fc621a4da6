/**
 * Values on their way through `POST /sql`: JSON parameters to Postgres' text form, Postgres' text
 * form to JSON. The rules are those of Neon's proxy (its `proxy/src/serverless/json.rs`).
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What is bound for a parameter: text for Postgres to read in the type it expects, or NULL. */
export function parameterText(value: Json): string | null {
  if (value === null || typeof value === "string") return value;
  return Array.isArray(value) ? arrayText(value) : JSON.stringify(value);
}

/** A list as an array literal: `{1,"two",NULL}`. */
function arrayText(values: Json[]): string {
  const elements = values.map((value) => {
    if (value === null) return "NULL";
    if (Array.isArray(value)) return arrayText(value);
    const json = JSON.stringify(value);
    if (typeof value === "object") return quoteElement(json);
    return typeof value === "string" ? quoteElement(value) : json;
  });
  return `{${elements.join(",")}}`;
}

/** Inside quotes an array literal knows one escape: the backslash takes the next character as it is. */
function quoteElement(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Type numbers are those of Postgres' pg_type.dat; they never change. */
const bool = 16;
const json = new Set([114, 3802]);
const numbers = new Set([21, 23, 700, 701]);
/** Array type -> element type, of the types whose elements are not all strings in JSON … */
const arrays = new Map([
  [1000, bool],
  [1005, 21],
  [1007, 23],
  [1021, 700],
  [1022, 701],
  [199, 114],
  [3807, 3802],
]);
/** … and of all others that Postgres brings; not of box, the one type with another delimiter. */
const text = 25;
for (const array of [
  143, 271, 629, 651, 719, 775, 791, 1001, 1002, 1003, 1006, 1008, 1009, 1010, 1011, 1012, 1013,
  1014, 1015, 1016, 1017, 1018, 1019, 1027, 1028, 1034, 1040, 1041, 1115, 1182, 1183, 1185, 1187,
  1231, 1270, 1561, 1563, 2201, 2207, 2208, 2209, 2210, 2211, 2949, 2951, 3221, 3643, 3644, 3645,
  3735, 3770, 3905, 3907, 3909, 3911, 3913, 3927, 4073, 4090, 4097, 4192, 5039, 6150, 6151, 6152,
  6153, 6155, 6157,
]) {
  arrays.set(array, text);
}

/** The JSON text of a value that Postgres sent as `value`, as clients get it who ask for no raw text. */
export function jsonText(value: string | null, type: number): string {
  if (value === null) return "null";
  const element = arrays.get(type);
  if (element !== undefined) return arrayJson(value, element);
  if (type === bool) return value === "t" ? "true" : "false";
  if (json.has(type)) return value;
  // NaN and the infinities have no number in JSON.
  if (numbers.has(type) && Number.isFinite(Number(value))) return String(Number(value));
  return JSON.stringify(value);
}

/** One piece of an array's text form: a brace, a comma, a quoted element or a bare one. */
const piece = /\s*([{},]|"(?:[^"\\]|\\.)*"|[^{},"\s][^{},"]*)/gsy;

/** Bounds, as in `[0:1]={1,2}`, have no place in JSON and are left out. */
function arrayJson(literal: string, element: number): string {
  let out = "";
  for (const [, token = ""] of literal.slice(literal.indexOf("{")).matchAll(piece)) {
    if (token === "{") out += "[";
    else if (token === "}") out += "]";
    else if (token === ",") out += ",";
    else if (token.startsWith('"')) {
      out += jsonText(token.slice(1, -1).replace(/\\(.)/gs, "$1"), element);
    } else out += token.trimEnd() === "NULL" ? "null" : jsonText(token.trimEnd(), element);
  }
  return out;
}
