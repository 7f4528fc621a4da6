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
