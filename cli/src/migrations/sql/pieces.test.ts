import { expect, test } from "vitest";
import { breakpoint, splitPieces } from "./pieces.ts";

const texts = (sql: string) => splitPieces(sql).pieces.map(({ text }) => text);

test.each([
  "",
  "a",
  `a\n${breakpoint}\nb`,
  `a;${breakpoint} b;${breakpoint}`,
  `a ${breakpoint}s b`,
  `-- a ${breakpoint} b ${breakpoint} c`,
  `---${breakpoint}x`,
  `a\r-- b\r${breakpoint}\rc`,
  `a +${breakpoint}- b`,
  `'a' ${breakpoint} "b" ${breakpoint} $$c$$ /* d */ ${breakpoint}`,
])("%j is split as Drizzle splits it", (sql) => {
  expect(texts(sql)).toEqual(sql.split(breakpoint));
  for (const { start, text } of splitPieces(sql).pieces) {
    expect(sql.slice(start, start + text.length)).toBe(text);
  }
});

test.each([
  [`select 'a ${breakpoint} b'`, [10]],
  [`select e'\\' ${breakpoint} b'`, [12]],
  [`select "${breakpoint}${breakpoint}"`, [8, 32]],
  [`do $x$ ${breakpoint} $$ ${breakpoint} $x$`, [7, 35]],
  [`/* /* */ ${breakpoint} */ a`, [9]],
])("what is not closed before it: %j", (sql, offsets) => {
  expect(splitPieces(sql).enclosed).toEqual(offsets);
  expect(texts(sql)).toEqual([sql]);
});
