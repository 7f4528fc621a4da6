import { quoteIdentifier } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { fromSql } from "../rules/ownership.ts";

/** From so many rows on only some pages of a table are read. */
const readWhole = 5000;
/** What statistics know of a table may be old: more than this is never read of it. */
const readAtMost = 20_000;

/**
 * SQL of up to `most` rows from all over the table, so that those of many tenants are among them. The same ones
 * each time, as long as the table stays as it is.
 */
export function spreadRows(
  table: CatalogueTable,
  columns: readonly string[] | "all",
  most: number,
): string {
  const list =
    columns === "all" ? "r.*" : columns.map((name) => `r.${quoteIdentifier(name)}`).join(", ");
  const rows = table.estimatedRows;
  const percent = Math.max(0.001, (100 * readWhole) / Math.max(rows, 1));
  const pages =
    rows > readWhole ? ` tablesample system (${percent.toFixed(3)}) repeatable (7)` : "";
  return `(select * from (
      select row_number() over () as ds_row, count(*) over () as ds_rows, i.*
      from (select ${list === "" ? "1" : list} from ${fromSql(table)} r${pages} limit ${readAtMost}) i
    ) s where s.ds_row % greatest(1, s.ds_rows / ${most}) = 0 limit ${most})`;
}
