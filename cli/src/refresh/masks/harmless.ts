import { type Mask, mask } from "../../config/define/masks.ts";
import type { ColumnType } from "../model/column-type.ts";

/**
 * The same harmless value in every row, for columns that may not be NULL and whose type has no mask of its
 * own. Text that the type reads, by its name without a schema.
 */
const values: Record<string, string> = {
  ...{ point: "(0,0)", line: "{1,-1,0}", lseg: "[(0,0),(1,1)]", box: "(1,1),(0,0)" },
  ...{ path: "((0,0),(1,1))", polygon: "((0,0),(1,1),(1,0))", circle: "<(0,0),1>" },
  ...{ tsvector: "", tsquery: "", xml: "<none/>", jsonpath: "$", hstore: "" },
  ...{ ltree: "", lquery: "*", ltxtquery: "none", cube: "(0)", seg: "0" },
  ...{ ean13: "0000000000000", isbn13: "978-0-00-000000-2", isbn: "0-00-000000-0" },
  ...{ issn13: "977-0000-000-00-3", issn: "0000-0000", upc: "000000000000" },
  ...{ geometry: "POINT EMPTY", geography: "POINT EMPTY", money: "0", interval: "0" },
  ...{ '"char"': "x", pg_lsn: "0/0", txid_snapshot: "1:1:", pg_snapshot: "1:1:" },
  ...{ "time without time zone": "00:00", "time with time zone": "00:00Z" },
  ...{ inet: "10.0.0.1", cidr: "10.0.0.0/8" },
  ...{ oid: "0", xid: "0", xid8: "0", cid: "0", tid: "(0,0)", regclass: "-", regtype: "-" },
  ...{ regproc: "-", regprocedure: "-", regoper: "0", regoperator: "0", regrole: "-" },
  ...{ regnamespace: "-", regconfig: "-", regdictionary: "-", regcollation: "-" },
};

const ranges = /^(int4|int8|num|ts|tstz|date)(multi)?range$/;

export function harmlessValue(type: ColumnType): Mask | undefined {
  const { array, base, kind, family } = type;
  if (array) return mask.constant("{}");
  const name = base.replace(/^.*\.(?=[^."]+$)/, "");
  const [, multi] = ranges.exec(base) ?? [];
  if (multi || kind === "multirange") return mask.constant("{}");
  if (ranges.test(base) || kind === "range") return mask.constant("empty");
  if (kind === "composite") return mask.sql(`jsonb_populate_record(null::${base}, '{}')`);
  switch (family) {
    case "integer":
    case "number":
      return mask.constant(1);
    case "boolean":
      return mask.constant(false);
    case "bytea":
      return mask.constant("");
    case "date":
    case "timestamp":
      return mask.constant("1980-01-01");
  }
  const value = values[name] ?? sized(base, type.modifier);
  return value === undefined ? undefined : mask.constant(value);
}

/** Types of which the modifier says how much has to be there. */
function sized(base: string, modifier: number | undefined): string | undefined {
  if (base === "bit") return "0".repeat(modifier ?? 1);
  if (base === "bit varying") return "0";
  if (modifier !== undefined && /(^|\.)(half)?vec(tor)?$/.test(base)) {
    return `[${Array.from({ length: modifier }, () => 0).join(",")}]`;
  }
  return undefined;
}
