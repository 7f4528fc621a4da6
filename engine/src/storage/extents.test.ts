import { expect, test } from "vitest";
import { parseExtents, sharesOf } from "./extents.ts";

test("extents as filefrag tells them; what has no place on the disk is left out", () => {
  const text = `Filesystem type is: 58465342
File size of a is 12288 (3 blocks of 4096 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..       1:         10..        11:      2:             shared
   1:        2..       2:         20..        20:      1:         12: last,eof
a: 2 extents found
File size of b is 100 (1 block of 4096 bytes)
   0:        0..       0:          0..         0:      0:             last,unknown_loc,delalloc,eof
   0:        0..       0:          0..         0:   4096:             last,not_aligned,inline,eof
b: 1 extent found
`;
  expect(parseExtents(text)).toEqual([
    { from: 40_960, to: 49_152 },
    { from: 81_920, to: 86_016 },
  ]);
});

test("blocks that several share are nobody's own, and counted once", () => {
  const owners = new Map([
    ["main", [{ from: 0, to: 100 }]],
    [
      "child",
      [
        { from: 50, to: 80 },
        { from: 200, to: 210 },
      ],
    ],
    ["alone", [{ from: 300, to: 301 }]],
    ["empty", []],
  ]);
  const { own, all } = sharesOf(owners);
  expect(Object.fromEntries(own)).toEqual({ main: 70, child: 10, alone: 1, empty: 0 });
  expect(all).toBe(111);
});

test("what one shares with itself alone, as a branch with its bases, is its own", () => {
  const twice = [
    { from: 0, to: 10 },
    { from: 0, to: 10 },
  ];
  const { own, all } = sharesOf(new Map([["main", twice]]));
  expect(own.get("main")).toBe(10);
  expect(all).toBe(10);
});
