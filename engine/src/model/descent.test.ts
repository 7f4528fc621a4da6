import { expect, test } from "vitest";
import { commonFork, descentOfCopy, type ForkPoint, type Line } from "./descent.ts";

const at = "2026-11-30T12:00:00.000Z";
const point = (dataDir: string, lsn: string, open: ForkPoint["open"] = []): ForkPoint => ({
  dataDir,
  at,
  lsn,
  open,
});
const line = (dataDir: string, ...descent: ForkPoint[]): Line => ({ dataDir, descent });
const open = [{ database: 5, table: 16_384 }];

test.each<[string, Line, Line, ForkPoint | undefined]>([
  [
    "a branch and its parent",
    line("b", point("a", "0/5", open)),
    line("a"),
    point("a", "0/5", open),
  ],
  [
    "siblings part where the first was made",
    line("b", point("a", "0/10", open)),
    line("c", point("a", "0/9")),
    point("a", "0/9"),
  ],
  [
    "a branch of a branch and the root",
    line("c", point("a", "0/5"), point("b", "0/9")),
    line("a"),
    point("a", "0/5"),
  ],
  [
    "cousins below the same branch",
    line("c", point("a", "0/5"), point("b", "0/9", open)),
    line("d", point("a", "0/5"), point("b", "0/11")),
    point("b", "0/9", open),
  ],
  [
    "two copies of the same position",
    line("c", point("a", "0/5", open)),
    line("d", point("a", "0/5", "unknown")),
    point("a", "0/5", "unknown"),
  ],
  ["data of another origin", line("b", point("a", "0/5")), line("x"), undefined],
  ["a branch from before this was noted", { dataDir: "b" }, line("a"), undefined],
  [
    "positions are numbers",
    line("b", point("a", "1/0")),
    line("c", point("a", "0/FF")),
    point("a", "0/FF"),
  ],
])("%s", (_, one, other, expected) => {
  expect(commonFork(one, other)).toEqual(expected);
  expect(commonFork(other, one)).toEqual(expected);
});

test("a copy descends from its source, or from what the source descends from", () => {
  const source = line("b", point("a", "0/5"));
  const copy = (copiedFrom: string, lsn?: string) =>
    descentOfCopy(source, { copiedFrom, at, position: { ...(lsn && { lsn }), open: [] } });
  expect(copy("b", "0/9")).toEqual([point("a", "0/5"), point("b", "0/9")]);
  expect(copy("a", "0/3")).toEqual([point("a", "0/3")]);
  // One that has never run.
  expect(copy("b")).toEqual([point("a", "0/5"), point("b", "0/5")]);
  expect(copy("a")).toBeUndefined();
  expect(copy("x", "0/9")).toBeUndefined();
  expect(descentOfCopy(source, { copiedFrom: "b", at })).toBeUndefined();
});
