import { expect, test } from "vitest";
import { dropsColumn } from "./dropped-column.ts";

const dropped = Buffer.from("xx........pg.dropped.3........", "latin1");
const other = Buffer.from("xxa_column_that_has_a_new_default", "latin1");

/** A page with these rows, each on a line of its own. */
function pageOf(...rows: Buffer[]): Buffer {
  const page = Buffer.alloc(8192);
  let end = 8192;
  rows.forEach((row, index) => {
    end -= row.length;
    row.copy(page, end);
    page.writeUInt32LE((end | (1 << 15) | (row.length << 17)) >>> 0, 24 + 4 * index);
  });
  return page;
}

test.each([
  ["the changed bytes have the name", dropped, null, undefined, true],
  ["the changed bytes have another", other, null, undefined, false],
  ["the row's line has it", null, pageOf(other, dropped), 2, true],
  ["another line has it", null, pageOf(other, dropped), 1, false],
  ["the line is not on the page", null, pageOf(dropped), 3000, false],
  ["nothing is known", null, null, 1, false],
])("%s: %s", (_, data, page, line, expected) => {
  expect(dropsColumn(data, page, line)).toBe(expected);
});
