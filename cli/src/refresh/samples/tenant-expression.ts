import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { childKey } from "../rules/links.ts";
import { type Classified, fromSql, type Owned, type Way } from "../rules/ownership.ts";

/**
 * SQL of the row `r` that says whose it is; undefined where no path tells. Only to tell rows of
 * different tenants apart, never to choose rows by.
 */
export function tenantExpression(
  classified: Classified,
  catalogue: Catalogue,
  alias = "r",
  depth = 0,
): string | undefined {
  if (!("condition" in classified)) return undefined;
  const { key, tenantColumn, ways } = classified as Owned;
  if (key !== undefined) return `${alias}.${quoteIdentifier(key)}`;
  if (tenantColumn !== undefined) return `${alias}.${quoteIdentifier(tenantColumn)}`;
  if (depth > 8) return undefined;
  const found = (ways ?? []).map((way) => throughWay(way, catalogue, alias, depth));
  if (found.length === 0 || found.includes(undefined)) return undefined;
  return found.length === 1
    ? found[0]
    : `coalesce(${found.map((sql) => `(${sql})::text`).join(", ")})`;
}

function throughWay(
  { link, parent }: Way,
  catalogue: Catalogue,
  alias: string,
  depth: number,
): string | undefined {
  if (link.type !== undefined) return undefined;
  const p = `q${depth}`;
  const up = tenantExpression(parent, catalogue, p, depth + 1);
  if (up === undefined) return undefined;
  const keys = childKey(link, alias, catalogue);
  const equal = link.parentColumns.map((name, at) => `${p}.${quoteIdentifier(name)} = ${keys[at]}`);
  return `(select ${up} from ${fromSql(link.parent)} ${p} where ${equal.join(" and ")} limit 1)`;
}
