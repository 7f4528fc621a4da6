import { createHash } from "node:crypto";
import type {
  Catalogue,
  CatalogueColumn,
  CatalogueTable,
} from "../../src/refresh/model/catalogue.ts";

/** Every personal value that is made has this in it, and nothing else has. */
export const personalMark = /qzreal|\+49 ?30|203\.0\.113\./i;

export interface Place {
  table: CatalogueTable;
  column: CatalogueColumn;
  /** Whether the column is of the primary key. */
  isKey: boolean;
}

/**
 * A value of the column's type, or undefined for types that are not known here.
 *
 * @param different another number for every row and attempt
 */
export function makeValue(place: Place, catalogue: Catalogue, different: number): unknown {
  const { table, column } = place;
  const type = catalogue.domains[column.type] ?? column.type;
  const labels = catalogue.enums[column.type];
  if (labels) return labels[different % labels.length];
  const [, base = type, size] = /^(.*?)(?:\((\d+)[^)]*\))?$/.exec(type) ?? [];
  const day = new Date(Date.UTC(2025, 0, 1) + different * 3_600_000).toISOString();
  if (type.endsWith("[]")) return [];
  switch (base.replace(/\(\d+\)/, "")) {
    case "smallint":
      return different % 30_000;
    case "integer":
    case "bigint":
      return different;
    case "numeric":
    case "real":
    case "double precision":
      return (different % 900) / 100;
    case "boolean":
      return different % 2 === 0;
    case "text":
    case "character varying":
    case "character":
    case "citext":
    case "public.citext":
      return makeText(place, different, size ? Number(size) : 200);
    case "uuid":
      return hash(`${table.name} ${different}`, 32).replace(
        /(.{8})(.{4})(.{4})(.{4})(.{12})/,
        "$1-$2-$3-$4-$5",
      );
    case "date":
      return day.slice(0, 10);
    case "timestamp without time zone":
    case "timestamp with time zone":
    case "timestamp":
      return day;
    case "interval":
      return `${different} minutes`;
    case "json":
    case "jsonb":
      return {
        email: `qzreal${different}@x.test`,
        deep: [{ name: `Qzreal ${different}` }],
        count: different,
      };
    case "inet":
    case "cidr":
      return `203.0.113.${different % 250}`;
    case "bytea":
      return `\\x${hash(String(different), 8)}`;
    default:
      return undefined;
  }
}

function makeText(
  { table: { name: table }, column: { name: column }, isKey }: Place,
  number: number,
  size: number,
): string {
  const cut = (text: string) => (text.length <= size ? text : hash(`${table} ${text}`, size));
  if (isKey || /(_id|Id|uid|slug|key|code)$/.test(column)) {
    return cut(hash(`${table}.${column} ${number}`, Math.min(size, 20)));
  }
  if (/locale|lang|type|state/i.test(column)) return cut(`${column} ${number}`);
  if (/mail/i.test(column)) return cut(`qzreal${number}@x.test`);
  if (/phone|mobile/i.test(column)) return cut(`+49 30 ${String(number).padStart(7, "0")}`);
  if (/name|user|author|title/i.test(column)) return cut(`Qzreal ${number}`);
  if (/(^|_)ip(_|$)/i.test(column)) return cut(`203.0.113.${number % 250}`);
  if (/url|link|website/i.test(column)) return cut(`https://qzreal.test/${number}`);
  if (/body|text|content|message|description|bio|note|comment/i.test(column)) {
    return cut(`Ask qzreal${number}@x.test about ${number}`);
  }
  return cut(`${column} ${number}`);
}

function hash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
