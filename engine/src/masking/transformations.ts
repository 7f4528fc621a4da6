import type { MaskingFunction } from "./masking-function.ts";
import { quoted } from "./quote.ts";
import { prose } from "./words.ts";

/** Functions of the value, and those that put others together. */

const text = (sql: MaskingFunction["sql"]): MaskingFunction => ({ args: ["text"], sql });

const concat: MaskingFunction = {
  args: ["text"],
  more: true,
  sql: (...parts) => `concat(${parts.join(", ")})`,
};

/** As they are in pg_catalog; Anonymizer has them in its own schema, too. */
const plain: Record<string, MaskingFunction> = {
  concat,
  initcap: text((value) => `initcap(${value})`),
  left: { args: ["text", "integer"], sql: (value, count) => `left(${value}, ${count})` },
  length: text((value) => `length(${value})`),
  lower: text((value) => `lower(${value})`),
  lpad: { args: ["text", "integer", "text"], sql: (...args) => `lpad(${args.join(", ")})` },
  md5: text((value) => `md5(${value})`),
  repeat: {
    args: ["text", "integer"],
    sql: (value, count) => `repeat(${value}, least(${count}, 10000))`,
  },
  replace: { args: ["text", "text", "text"], sql: (...args) => `replace(${args.join(", ")})` },
  right: { args: ["text", "integer"], sql: (value, count) => `right(${value}, ${count})` },
  rpad: { args: ["text", "integer", "text"], sql: (...args) => `rpad(${args.join(", ")})` },
  substr: {
    args: ["text", "integer", "integer"],
    least: 2,
    sql: (...args) => `substr(${args.join(", ")})`,
  },
  upper: text((value) => `upper(${value})`),
};

const inBothSchemas = Object.fromEntries(
  Object.entries(plain).flatMap(([name, known]) => [
    [`anon.${name}`, known],
    [`pg_catalog.${name}`, known],
  ]),
);

/** Five paragraphs of it are Anonymizer's default. */
const loremIpsum: MaskingFunction = {
  args: ["integer"],
  least: 0,
  names: ["paragraphs", "words", "characters"],
  sql: (count = "5", unit = "paragraphs") => {
    const number = `greatest(0, least(${count}, 10000))`;
    if (unit === "characters") {
      return `left(repeat(${quoted(`${prose} `)}, 1 + ${number} / ${prose.length}), ${number})`;
    }
    const all = prose.split(" ");
    const some = `string_to_array(repeat(${quoted(`${prose} `)}, 1 + ${number} / ${all.length}), ' ')`;
    if (unit === "words") return `array_to_string((${some})[1:${number}], ' ')`;
    return `rtrim(repeat(${quoted(`${prose}\n`)}, ${number}), chr(10))`;
  },
};

export const transformations: Record<string, MaskingFunction> = {
  ...inBothSchemas,
  "anon.dnoise": {
    args: ["any", "interval"],
    sql: (value, range) => `(${value} + (2.0 * random() - 1.0) * ${range})`,
  },
  "anon.lorem_ipsum": loremIpsum,
  "anon.noise": {
    args: ["any", "float8"],
    sql: (value, ratio) => `(${value} * (1.0 - (2.0 * random() - 1.0) * ${ratio}))`,
  },
  "anon.partial": {
    args: ["text", "integer", "text", "integer"],
    sql: (value, prefix, padding, suffix) =>
      `(substring(${value} from 1 for ${prefix}) || ${padding} || substring(${value} from length(${value}) - ${suffix} + 1 for ${suffix}))`,
  },
  "anon.partial_email": text(
    (value) =>
      `(left(regexp_replace(${value}, '@.*', ''), 2) || '******@' || left(regexp_replace(${value}, '.*@', ''), 2) || '******.' || regexp_replace(${value}, '.*\\.', ''))`,
  ),
  "anon.ternary": {
    args: ["boolean", "any", "any"],
    sql: (condition, then, otherwise) =>
      `case when ${condition} then ${then} else ${otherwise} end`,
  },
};
