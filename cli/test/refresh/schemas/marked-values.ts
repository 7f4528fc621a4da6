import { createHash } from "node:crypto";
import type { Catalogue } from "../../../src/refresh/model/catalogue.ts";
import type { Place } from "../fill-values.ts";

/**
 * Values as production has them, each with a mark of whose it is: `zqxa` of nobody, `zqxb` of the first tenant,
 * `zqxc` of the second. Keys have it, too; numbers and UUIDs have marks of their own.
 */
const letterOf = (tenant: number | undefined): string => "abcdefghij"[tenant ?? 0] ?? "z";

/** Finds marks in the text of any column, of one of these owners. */
export const markOf = (tenants: readonly (number | undefined)[]): string => {
  const letters = tenants.map(letterOf).join("");
  const digits = tenants.map((tenant) => tenant ?? 0).join("");
  return `zqx[${letters}]|491760[${digits}]0[0-9]{5}|203\\.0\\.11[${digits}]\\.|a9a9a9a[${digits}]`;
};

/** Keys that are numbers: from here on one tenant's, a million further on the next one's. */
export const firstNumber = (tenant: number | undefined): number => ((tenant ?? 0) + 1) * 1_000_000;

const shared =
  /(^|_)(status|state|kind|type|level|mode|category|priority|visibility|currency|locale|language|lang|time_?zone|country)$/;

export function markedValue(
  place: Place,
  catalogue: Catalogue,
  different: number,
  tenant: number | undefined,
): unknown {
  const { column } = place;
  if (column.allowed !== undefined && column.allowed.length > 0)
    return column.allowed[different % column.allowed.length];
  const type = catalogue.domains[column.type] ?? column.type;
  const labels = catalogue.enums[type] ?? catalogue.enums[column.type];
  if (labels) return labels[different % labels.length];
  if (type.endsWith("[]"))
    return arrayOf(place, type.slice(0, -2), catalogue, { different, tenant });
  return scalar(place, type, { different, tenant });
}

interface Whose {
  different: number;
  tenant: number | undefined;
}

function arrayOf(place: Place, element: string, catalogue: Catalogue, whose: Whose): unknown {
  const labels = catalogue.enums[element];
  if (labels) return labels.slice(0, 1);
  const value = scalar(place, element, whose);
  return value === undefined ? [] : [value];
}

function scalar(place: Place, type: string, whose: Whose): unknown {
  const { different, tenant } = whose;
  const [, base = type, size] =
    /^(.*?)(?:\((\d+)[^)]*\))?$/.exec(type.replace(/ with(out)? time zone/, "")) ?? [];
  const letter = letterOf(tenant);
  const word = lettersOf(different);
  const at = new Date(Date.UTC(2025, 0, 1) + (different % 8000) * 3_600_000).toISOString();
  switch (base.replace(/^(public|extensions)\./, "")) {
    case "smallint":
      return different % 30_000;
    case "integer":
    case "bigint":
      return place.isKey ? firstNumber(tenant) + different : different % 90_000;
    case "numeric":
    case "real":
    case "double precision":
    case "money":
      return (different % 900) / 100;
    case "boolean":
      return different % 2 === 0;
    case "text":
    case "character varying":
    case "character":
    case "citext":
    case "name":
      return text(place, whose, size ? Number(size) : base === "character" ? 1 : 300);
    case "uuid":
      return `a9a9a9a${tenant ?? 0}-${hash(`${place.table.name}.${place.column.name} ${different}`, 24).replace(/(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4")}`;
    case "date":
      return at.slice(0, 10);
    case "timestamp":
      return at;
    case "time":
      return at.slice(11, 19);
    case "interval":
      return `${different % 500} minutes`;
    case "json":
    case "jsonb":
      return document(letter, word, different, tenant);
    case "inet":
      return `203.0.11${tenant ?? 0}.${different % 250}`;
    case "cidr":
      return `203.0.11${tenant ?? 0}.${different % 250}/32`;
    case "macaddr":
      return `08:00:2b:01:02:${(different % 256).toString(16).padStart(2, "0")}`;
    case "bytea":
      return `\\x${Buffer.from(`private zqx${letter} ${word} of Mrs Okonkwo`).toString("hex")}`;
    case "hstore":
      return `owner=>"Zqx${letter} ${word}", age=>"4"`;
    case "tsvector":
      return `zqx${letter}${word}`;
    case "ltree":
      return `zqx${letter}.${word}`;
    case "xml":
      return `<a>zqx${letter} ${word}</a>`;
    case "point":
      return `(${different % 90},${different % 80})`;
    case "cube":
      return `(${different % 90})`;
    case "int4range":
    case "int8range":
    case "numrange":
      return `[${different},${different + 1})`;
    case "daterange":
      return `[2025-01-01,2025-02-01)`;
    case "tsrange":
    case "tstzrange":
      return `["${at}","2030-01-01")`;
    case "bit":
    case "bit varying":
      return "0".repeat(size ? Number(size) : 1);
    default:
      return undefined;
  }
}

const document = (letter: string, word: string, different: number, tenant: number | undefined) => ({
  owner: `Zqx${letter} ${capital(word)}`,
  contact: { email: `zqx${letter}.${word}@corp.example`, phone: Number(phone(different, tenant)) },
  notes: [`call zqx${letter} ${word} on Monday about the invoice`, { deep: `zqx${letter}${word}` }],
  count: different % 7,
  ...(different % 3 === 0 ? { [`zqx${letter}.${word}@corp.example`]: "seen" } : {}),
});

const phone = (different: number, tenant: number | undefined) =>
  `491760${tenant ?? 0}0${String(different % 100_000).padStart(5, "0")}`;

function text(
  { table, column: { name }, isKey }: Place,
  { different, tenant }: Whose,
  size: number,
): string {
  const mark = `zqx${letterOf(tenant)}`;
  const word = lettersOf(different);
  const id = `${mark}${hash(`${table.name}.${name} ${different}`, 16)}`;
  const snake = name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  const few = (words: readonly string[]) => (words[different % words.length] ?? "").slice(0, size);
  if (size < 6) return size < 3 ? few(["AA", "BB", "CC"]) : hash(`${name} ${different}`, size);
  const fitted = (value: string) =>
    value.length <= size ? value : `${mark}${hash(value, 40)}`.slice(0, size);
  if (isKey) return fitted(id);
  if (shared.test(snake)) return few(["open", "closed", "draft"]);
  if (/(_id|uid|uuid|guid)$/.test(snake)) return fitted(id);
  if (/token|secret|key|hash|digest|password|code|slug|identifier/i.test(name)) return fitted(id);
  if (/mail/i.test(name)) return fitted(`${mark}.${word}@corp.example`);
  if (/phone|mobile/i.test(name)) return fitted(`+${phone(different, tenant)}`);
  if (/(^|_)ip(_|$)|ip_?addr/.test(snake))
    return fitted(`203.0.11${tenant ?? 0}.${different % 250}`);
  if (/url|link|website|host|domain|image|avatar|logo/i.test(name))
    return fitted(`https://${mark}.example/${word}`);
  if (/address|street|city/i.test(name))
    return fitted(`${1 + (different % 99)} ${mark} street ${word}`);
  if (/body|text|content|message|description|bio|note|comment|reason|error/i.test(name))
    return fitted(`Dear ${mark} ${word}, your case number is still open, please call us back`);
  return fitted(`${capital(mark)} ${capital(word)}`);
}

/** The number in letters: names have no digits. */
function lettersOf(number: number): string {
  let rest = Math.abs(number) + 26 ** 3;
  let word = "";
  while (rest > 0) {
    word = String.fromCharCode(97 + (rest % 26)) + word;
    rest = Math.floor(rest / 26);
  }
  return word;
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

const hash = (words: string, length: number): string =>
  createHash("sha256").update(words).digest("hex").slice(0, length);
