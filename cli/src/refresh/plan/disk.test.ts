import { expect, test } from "vitest";
import { refuseFullDisk } from "./disk.ts";

const gb = 1024 ** 3;

test.each([
  [0, undefined],
  [10 * gb, undefined],
  [gb, 4 * gb],
  [0, gb],
])("%d bytes on a disk with %s free", (expected, free) => {
  expect(() => refuseFullDisk(expected, free)).not.toThrow();
});

test.each([
  [gb, 2 * gb],
  [0, 1024],
])("refused: %d bytes on a disk with %d free", (expected, free) => {
  expect(() => refuseFullDisk(expected, free)).toThrow(/too little disk: .* Nothing was changed/);
});
