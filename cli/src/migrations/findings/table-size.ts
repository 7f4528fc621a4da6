/** What there is to know of a table before anything runs. */
export interface TableSize {
  /** As of the last ANALYZE; undefined where there was none. */
  rows: number | undefined;
  bytes: number;
}

export function sizeText({ bytes, rows }: TableSize): string {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`;
  return rows === undefined ? megabytes : `about ${rows.toLocaleString("en")} rows, ${megabytes}`;
}

/** A table's size as the catalogue has it: `reltuples` is negative where it was never analyzed, a bigint is text. */
export interface SizeRow {
  table: string;
  rows: number;
  bytes: string;
}

/** By table. */
export const tableSizes = (rows: readonly SizeRow[]): Map<string, TableSize> =>
  new Map(
    rows.map(({ bytes, rows: count, table }) => [
      table,
      { rows: count < 0 ? undefined : count, bytes: Number(bytes) },
    ]),
  );
