import type { Phase } from "../../model/phases.ts";
import { progressText } from "../../plan/progress.ts";

/** How far the rows are; told often. */
export interface Moved {
  table: string;
  rows: number;
  bytes: number;
}

const betweenUpdatesMs = 200;

/** What has gone over the wire so far. */
export class Transferred {
  rows = 0;
  bytes = 0;
  private readonly byTable = new Map<string, number>();

  /** Bytes of one table. */
  of(table: string): number {
    return this.byTable.get(table) ?? 0;
  }

  /** Counts what is moved, and shows it on the phase's line now and then. */
  showing(step: Phase, expected: number | undefined): (moved: Moved) => void {
    const began = Date.now();
    const before = { rows: this.rows, bytes: this.bytes };
    let shown = began;
    return ({ table, rows, bytes }) => {
      this.rows += rows;
      this.bytes += bytes;
      this.byTable.set(table, this.of(table) + bytes);
      const now = Date.now();
      if (now - shown < betweenUpdatesMs) return;
      shown = now;
      step.update(
        progressText({
          rows: this.rows - before.rows,
          bytes: this.bytes - before.bytes,
          milliseconds: now - began,
          expectedRows: expected,
          table,
        }),
      );
    };
  }
}
