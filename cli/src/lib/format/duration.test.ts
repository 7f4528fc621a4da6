import { describe, expect, test } from "vitest";
import { ago } from "./ago.ts";
import { formatDuration, parseDuration } from "./duration.ts";

describe("durations", () => {
  test.each([
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["36h", 129_600_000],
    ["7d", 604_800_000],
    ["2w", 1_209_600_000],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "5", "soon", "-5m", "0s", "1.5h", "5 m", "1h30m", "9999999999s", "5y"])(
    "%j is none",
    (text) => expect(() => parseDuration(text)).toThrow(/is not a duration/),
  );

  test.each([
    [0, "0s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [90_000_000, "1d"],
  ])("%d ms is shown as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test("past and future", () => {
    expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T05:00:00Z"))).toBe("5h ago");
    expect(ago("2026-01-03T00:00:00Z", Date.parse("2026-01-01T00:00:00Z"))).toBe("in 2d");
    expect(ago("2026-01-08T00:00:00Z", Date.parse("2026-01-01T00:00:04Z"))).toBe("in 7d");
    expect(ago("2026-01-01T00:00:40Z", Date.parse("2026-01-01T00:00:00Z"))).toBe("in 40s");
  });
});
