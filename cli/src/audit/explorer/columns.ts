import { type Cells, type ColumnKey, titles } from "../cells.ts";
import { width } from "./spans.ts";

export interface Column {
  key: ColumnKey;
  columns: number;
  side: "left" | "right";
}

interface Spec {
  key: ColumnKey;
  /** Enough to be of use; the column is left out where there is not even that much. */
  least: number;
  most: number;
  side?: Column["side"];
}

/** From left to right. */
const specs: Spec[] = [
  { key: "branch", least: 24, most: 76 },
  { key: "owner", least: 8, most: 20 },
  { key: "age", least: 3, most: 5, side: "right" },
  { key: "used", least: 4, most: 5, side: "right" },
  { key: "size", least: 6, most: 7, side: "right" },
  { key: "stack", least: 6, most: 8 },
  { key: "secret", least: 6, most: 6 },
  { key: "git", least: 10, most: 30 },
  { key: "verdict", least: 7, most: 7 },
  { key: "why", least: 30, most: 400 },
];

/** The most important first: the others go where there is no room. */
const importance: ColumnKey[] = [
  "branch",
  "verdict",
  "age",
  "stack",
  "used",
  "git",
  "owner",
  "secret",
  "size",
  "why",
];

/** Who gets the room that is left over. */
const greed: ColumnKey[] = ["branch", "git", "owner", "stack", "size", "used", "age", "why"];

export const gap = 2;

/** Which columns there is room for, and how wide they are. */
export function columnsFor(rows: readonly Cells[], room: number): Column[] {
  const natural = new Map(specs.map((spec) => [spec.key, naturalWidth(spec, rows)]));
  const least = ({ key, least: enough }: Spec) => Math.min(enough, natural.get(key) ?? enough);
  const chosen = new Map<ColumnKey, number>();
  let left = room;
  for (const key of importance) {
    const spec = specs.find((one) => one.key === key);
    if (spec === undefined) continue;
    const cost = least(spec) + (chosen.size === 0 ? 0 : gap);
    if (cost > left && chosen.size > 0) break;
    chosen.set(key, Math.min(least(spec), Math.max(1, left)));
    left -= cost;
  }
  for (const key of greed) {
    const now = chosen.get(key);
    if (now === undefined || left <= 0) continue;
    const more = Math.min(left, (natural.get(key) ?? now) - now);
    chosen.set(key, now + Math.max(0, more));
    left -= Math.max(0, more);
  }
  return specs.flatMap(({ key, side = "left" }) => {
    const columns = chosen.get(key);
    return columns === undefined ? [] : [{ key, columns, side }];
  });
}

function naturalWidth({ key, most }: Spec, rows: readonly Cells[]): number {
  // The title's sign of sorting needs a blank and a letter.
  let widest = width(titles[key]) + (key === "branch" || key === "verdict" ? 2 : 0);
  for (const row of rows) widest = Math.max(widest, width(row[key]));
  return Math.min(most, widest);
}
