import type { JsonOthers, Mask } from "../../config/define/masks.ts";
import { quoteLiteral } from "../../postgres/quote.ts";
import { maskedKey, maskedWrittenKey } from "./json-keys.ts";
import { keyWithNumbers, numbersMasked } from "./json-numbers.ts";
import { digitBands, permutedInteger, wideBands } from "./permutation.ts";
import { dictionaryMask, exchangedMask, numberTokenMask, textMask, withNumber } from "./text.ts";

/** Masks inside JSON, as SQL on a value of type jsonb. */

interface Node {
  /** Of a path that ends here. */
  mask?: Mask;
  keys: Map<string, Node>;
  /** Each element of an array. */
  elements?: Node;
  /** Each value of an object. */
  values?: Node;
}

/** Makes the SQL of a mask for a value of type text; undefined where it makes no text. */
export type TextMaskOf = (mask: Mask, value: string) => string | undefined;

export function jsonMask(
  value: string,
  paths: Record<string, Mask>,
  others: JsonOthers,
  textOf: TextMaskOf,
): string {
  const root = emptyNode();
  for (const [path, mask] of Object.entries(paths)) nodeAt(root, path).mask = mask;
  return nodeSql(value, root, { others, textOf, depth: 0 });
}

interface Making {
  others: JsonOthers;
  textOf: TextMaskOf;
  /** Every level has an alias of its own. */
  depth: number;
  /** Part of the long way, which few values take: it is not worth a short way of its own. */
  isLongWay?: boolean;
}

/** SQL NULL, too, where the value is JSON's null: all that build JSON make that of it. */
function nodeSql(value: string, node: Node, making: Making, text = `(${value} #>> '{}')`): string {
  if (node.mask) return leafSql(value, text, node.mask, making);
  const { others, depth } = making;
  const inner = { ...making, depth: depth + 1 };
  // A column as it stands is as cheap to repeat, and a subquery costs more than it saves.
  const j = isColumn(value) ? value : `j${depth}.v`;
  const cases: string[] = [];
  if (node.elements) {
    const each = nodeSql(`e${depth}.v`, node.elements, { ...inner, isLongWay: false });
    cases.push(
      `when 'array' then (select coalesce(jsonb_agg(${each} order by e${depth}.n), '[]') from jsonb_array_elements(${j}) with ordinality e${depth}(v, n))`,
    );
  }
  if (node.values || node.keys.size > 0 || cases.length === 0) {
    cases.push(`when 'object' then ${objectSql(j, node, inner)}`);
  }
  const otherwise = othersSql(j, others);
  const short = making.isLongWay ? undefined : shortWay(j, node, inner);
  const first = short === undefined ? "" : `when ${short.fits} then ${short.sql} else case`;
  const made = `case ${first} jsonb_typeof(${j}) ${cases.join(" ")} else ${otherwise} end${first && " end"}`;
  return j === value ? made : `(select ${made} from (select ${value} as v offset 0) j${depth})`;
}

const isColumn = (value: string): boolean => /^\w+\.(\w+|"([^"]|"")+")$/.test(value);

/**
 * Most values have the keys that the paths name and no others: those are changed where they stand, however deep,
 * without taking the value apart. `object` is SQL that is cheap to repeat.
 */
function shortWay(object: string, node: Node, making: Making) {
  if (!isNamed(node)) return undefined;
  const leaves = leavesOf(node).flatMap(({ path, leaf }) => {
    if (leaf.mask?.mask === "keep") return [];
    const key = path.map(quoteLiteral);
    const parent = [object, ...key.slice(0, -1)].join(" -> ");
    const last = key.at(-1) ?? "";
    return [{ leaf, key, value: `(${parent} -> ${last})`, text: `(${parent} ->> ${last})` }];
  });
  const changed = leaves.reduce((before, { leaf, key, value, text }) => {
    const made = nodeSql(value, leaf, making, text);
    const there = givesNullForNull(leaf) ? made : `case when ${value} is not null then ${made} end`;
    return `jsonb_set(${before}, array[${key.join(", ")}], coalesce(${there}, 'null'), false)`;
  }, object);
  const some = leaves.map(({ value }) => `${value} is not null`).join(" or ");
  // Where other keys stay, those that are named are few, and often not there at all.
  const isRare = making.others === "keep" && some !== "";
  const sql = isRare ? `case when ${some} then ${changed} else ${object} end` : changed;
  return { fits: `(${hasOnly(object, node, making)})`, sql };
}

/** Every key of it has a path of its own. */
const isNamed = ({ mask, keys, elements, values }: Node): boolean =>
  mask === undefined && keys.size > 0 && elements === undefined && values === undefined;

function leavesOf(node: Node, above: string[] = []): { path: string[]; leaf: Node }[] {
  return [...node.keys].flatMap(([key, child]) => {
    const path = [...above, key];
    return isNamed(child) ? leavesOf(child, path) : [{ path, leaf: child }];
  });
}

/** Whether it is an object, and has no key that no path names; the same of those inside, which may be missing. */
function hasOnly(object: string, { keys }: Node, making: Making, missing = "false"): string {
  const names = [...keys.keys()].map(quoteLiteral).join(", ");
  const inside = [...keys].flatMap(([key, child]) => {
    const value = `(${object} -> ${quoteLiteral(key)})`;
    return isNamed(child) ? hasOnly(value, child, making, `${value} is null`) : [];
  });
  const own = making.others === "keep" ? [] : [`(${object} - array[${names}]::text[]) = '{}'`];
  const all = [...own, ...inside].join(" and ") || "true";
  return `case jsonb_typeof(${object}) when 'object' then ${all} else ${missing} end`;
}

/** `object`: SQL that is cheap to repeat, and an object. The long way. */
function objectSql(object: string, node: Node, outer: Making): string {
  const making = { ...outer, isLongWay: true };
  const keys = [...node.keys];
  const names = `array[${keys.map(([key]) => quoteLiteral(key)).join(", ")}]::text[]`;
  const rest = keys.length === 0 ? object : `(${object} - ${names})`;
  const kept = keys.map(
    ([key]) =>
      `case when ${object} ? ${quoteLiteral(key)} then jsonb_build_object(${quoteLiteral(key)}, ${object} -> ${quoteLiteral(key)}) else '{}' end`,
  );
  const apart = [restSql(rest, node, making), ...kept].join(" || ");
  if (keys.length === 0) return apart;
  const isKept = !node.values && making.others === "keep";
  // Most often every key has a mask of its own: to take the object apart costs more than to change it.
  const base = isKept ? object : `case when ${rest} = '{}' then ${object} else ${apart} end`;
  const changed = keys.reduce((before, [key, child]) => {
    if (child.mask?.mask === "keep") return before;
    const name = quoteLiteral(key);
    const made = nodeSql(`(${object} -> ${name})`, child, making, `(${object} ->> ${name})`);
    const there = givesNullForNull(child) ? made : `case when ${object} ? ${name} then ${made} end`;
    return `jsonb_set(${before}, array[${name}], coalesce(${there}, 'null'), false)`;
  }, base);
  return isKept ? `case when ${object} ?| ${names} then ${changed} else ${object} end` : changed;
}

/** At little cost: of a key that is not there nothing needs to be asked. */
const givesNullForNull = ({ mask }: Node): boolean =>
  mask !== undefined && mask.mask !== "sql" && mask.mask !== "json";

/** The keys that have no mask of their own. */
function restSql(rest: string, { values }: Node, making: Making): string {
  const alias = `e${making.depth - 1}`;
  if (values) {
    const each = nodeSql(`${alias}.v`, values, { ...making, isLongWay: false });
    return `(select coalesce(jsonb_object_agg(${maskedKey(`${alias}.k`)}, ${each}), '{}') from jsonb_each(${rest}) ${alias}(k, v))`;
  }
  return making.others === "drop" ? "'{}'::jsonb" : othersSql(rest, making.others);
}

function othersSql(value: string, others: JsonOthers): string {
  if (others === "keep") return value;
  return others === "drop" ? "'null'::jsonb" : stringsMasked(value);
}

/** A string and, where it is a key, its colon; or whatever stands between strings. */
const pieces = quoteLiteral(String.raw`${keyWithNumbers}|"(?:[^"\\]|\\.)*"(?:: )?|[^"]+`);

/**
 * Other words in every string at any depth. SQL has no recursion over values, so it goes by the text that
 * Postgres itself writes: a string that is followed by a colon is a key, and stays unless it is an address.
 * A number stays unless its key says that it is a person's.
 */
function stringsMasked(value: string): string {
  const words = textMask("(r.s[1]::jsonb #>> '{}')", undefined, false);
  const numbers = numbersMasked("r.s[1]", maskedWrittenKey, (text) => wholeNumber(text, wideBands));
  const piece = `case when r.s[1] like '"%"' then to_jsonb(${words})::text when r.s[1] like '"%: ' then ${maskedWrittenKey("r.s[1]")} when r.s[1] like '"%' then ${numbers} else r.s[1] end`;
  return `(select string_agg(${piece}, '' order by r.n)::jsonb from regexp_matches(${value}::text, ${pieces}, 'g') with ordinality r(s, n))`;
}

function leafSql(value: string, text: string, mask: Mask, { textOf }: Making): string {
  const unlessNull = (sql: string) =>
    `case jsonb_typeof(${value}) when 'null' then ${value} else ${sql} end`;
  const unlessNumber = (number: string, sql: string) =>
    `case jsonb_typeof(${value}) when 'null' then ${value} when 'number' then to_jsonb(${number}) else ${sql} end`;
  switch (mask.mask) {
    case "keep":
      return value;
    case "null":
      return "'null'::jsonb";
    case "constant":
      return unlessNull(`${quoteLiteral(JSON.stringify(mask.value))}::jsonb`);
    case "json":
      return jsonMask(value, mask.paths, mask.others, textOf);
    case "number":
      return unlessNumber(
        `round(${numberNoise(`${text}::numeric`, text, mask.percent)}, scale(${text}::numeric))`,
        stringsMasked(value),
      );
    case "token":
      return unlessNumber(wholeNumber(text, wideBands), `to_jsonb(${textOf(mask, text)})`);
    case "code":
      return unlessNumber(wholeNumber(text, digitBands), `to_jsonb(${textOf(mask, text)})`);
    case "dictionary":
      return `to_jsonb(${(mask.unique ? exchangedMask : dictionaryMask)(text, mask.values)})`;
    case "sql":
      return unlessNull(`to_jsonb(${textOf(mask, text)}::text)`);
    default:
      return `to_jsonb(${textOf(mask, text)}::text)`;
  }
}

/** As a column of the number's own type would have it. */
const wholeNumber = (text: string, bands: typeof wideBands): string =>
  `case when ${text} ~ '^-?[0-9]{1,18}$' then ${permutedInteger(text, bands)} else ${numberTokenMask(text, 14)} end`;

/** The number changed by up to so many percent, never by none. */
export const numberNoise = (number: string, text: string, percent: number): string =>
  withNumber(text, 2 * percent, (n) => `${number} * (100 + ${shift(n, percent)}) / 100.0`);

/** From -limit to limit without 0, out of 0 to 2 * limit - 1. */
export const shift = (n: string, limit: number): string =>
  `(${n} - ${limit} + (${n} >= ${limit})::int)`;

const emptyNode = (): Node => ({ keys: new Map() });

/** `lines[].note`, `labels.*`: the node that the path leads to, made where it is not there yet. */
function nodeAt(root: Node, path: string): Node {
  let at = root;
  for (const step of path.split(".")) {
    const [, key = "", brackets = ""] = /^(.*?)((?:\[\])*)$/.exec(step) ?? [];
    if (key === "*") {
      at.values ??= emptyNode();
      at = at.values;
    } else {
      const next = at.keys.get(key) ?? emptyNode();
      at.keys.set(key, next);
      at = next;
    }
    for (let left = brackets.length; left > 0; left -= 2) {
      at.elements ??= emptyNode();
      at = at.elements;
    }
  }
  return at;
}
