import { bytesOf } from "./answer.ts";

/** The most of rows in one answer, in UTF-8; the rest of the document has room beside it. */
const longestRows = 28 * 1024;
const longestCell = 2_000;

export type Cell = string | number | boolean | null;

/** Why there are fewer rows than the statement has. */
export type Cut = "rows" | "bytes";

/** Rows as they go into an answer, until it is full. */
export class RowBudget {
  readonly rows: Cell[][] = [];
  cut: Cut | undefined;
  /** Cells of which only the beginning is there. */
  shortened = 0;
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many more rows are worth reading; one more than fit, to know whether there are more. */
  get wanted(): number {
    return this.cut ? 0 : this.#most + 1 - this.rows.length;
  }

  add(row: readonly Cell[]): void {
    if (this.cut) return;
    if (this.rows.length === this.#most) {
      this.cut = "rows";
      return;
    }
    const cells = row.map((cell) => this.#shortened(cell));
    const bytes = bytesOf(cells) + 1;
    // The first is shown in any case: without it nobody could tell which column to leave out.
    if (this.rows.length > 0 && this.#bytes + bytes > longestRows) {
      this.cut = "bytes";
      return;
    }
    this.#bytes += bytes;
    this.rows.push(cells);
  }

  #shortened(cell: Cell): Cell {
    if (typeof cell !== "string" || cell.length <= longestCell) return cell;
    this.shortened += 1;
    return `${cell.slice(0, longestCell)}… (${cell.length} characters)`;
  }
}

/** How to see what is not in the answer. */
export function moreHint(cut: Cut | undefined, shortened: number): string | undefined {
  const hints = [
    ...(cut === "rows"
      ? ["There are more rows: raise `rows`, or go on with LIMIT and OFFSET."]
      : []),
    ...(cut === "bytes"
      ? ["There are more rows than fit: name fewer columns, or go on with LIMIT and OFFSET."]
      : []),
    ...(shortened > 0 ? ["Long values are cut: read the rest with substring()."] : []),
  ];
  return hints.length === 0 ? undefined : hints.join(" ");
}

const numeric = new Set([21, 23, 26, 700, 701]);
const boolean = 16;

/** A value as the server writes it, as JSON has it where nothing is lost by that. */
export function cellOf(text: string, typeId: number): Cell {
  if (typeId === boolean) return text === "t";
  if (!numeric.has(typeId)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
