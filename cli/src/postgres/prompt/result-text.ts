import { padToWidth, textWidth } from "../../lib/terminal/width.ts";

/** What a statement gave, every value as the server writes it. */
export interface StatementResult {
  /** The server's command tag, such as `INSERT 0 1`. */
  tag: string;
  /** Empty for a statement that returns no rows. */
  fields: readonly { name: string; dataTypeID: number }[];
  rows: readonly (readonly (string | null)[])[];
}

/** OIDs of the types that psql aligns right (`column_type_alignment` in print.c): numbers, oid, xid, xid8, cid, money. */
const rightAligned = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700, 5069]);

/** As psql shows it: a table with its number of rows and a blank line; the command tag of what changed something. */
export function resultText({ tag, fields, rows }: StatementResult): string {
  if (fields.length === 0 && rows.length === 0) return tag;
  const count = `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`;
  const changed = /^(INSERT|UPDATE|DELETE|MERGE)/.test(tag) ? [tag] : [];
  return [...grid(fields, rows), count, "", ...changed].join("\n");
}

function grid(fields: StatementResult["fields"], rows: StatementResult["rows"]): string[] {
  const cells = rows.map((row) => row.map((value) => (value ?? "").split("\n")));
  const widths = fields.map(({ name }, column) =>
    cells.reduce(
      (widest, row) => Math.max(widest, ...(row[column] ?? []).map(textWidth)),
      textWidth(name),
    ),
  );
  const head = fields.map(({ name }, column) => centred(name, widths[column] ?? 0)).join("|");
  const rule = widths.map((width) => "-".repeat(width + 2)).join("+");
  const body = cells.flatMap((row) => {
    const height = Math.max(1, ...row.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((lines, column) => {
          const isRight = rightAligned.has(fields[column]?.dataTypeID ?? 0);
          const side = isRight ? "right" : "left";
          const more = line + 1 < lines.length ? "+" : " ";
          return ` ${padToWidth(lines[line] ?? "", widths[column] ?? 0, side)}${more}`;
        })
        .join("|")
        .trimEnd(),
    );
  });
  return [head.trimEnd(), rule, ...body];
}

function centred(text: string, width: number): string {
  const before = Math.floor((width - textWidth(text)) / 2);
  return ` ${padToWidth(" ".repeat(before) + text, width)} `;
}
