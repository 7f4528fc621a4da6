import { afterAll, beforeAll, expect, test } from "vitest";
import { describeMoment, parseMoment } from "./point-in-time.ts";

const zone = process.env.TZ;

beforeAll(() => {
  process.env.TZ = "Europe/Berlin";
});

afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

/** A Monday, 17:30 in Berlin. */
const now = new Date("2026-11-23T16:30:00Z");

test.each([
  ["10 minutes ago", "2026-11-23T16:20:00.000Z"],
  ["1 minute ago", "2026-11-23T16:29:00.000Z"],
  ["90 secs ago", "2026-11-23T16:28:30.000Z"],
  ["  2   hours  ago ", "2026-11-23T14:30:00.000Z"],
  ["2h ago", "2026-11-23T14:30:00.000Z"],
  ["2h", "2026-11-23T14:30:00.000Z"],
  ["15m", "2026-11-23T16:15:00.000Z"],
  ["1d", "2026-11-22T16:30:00.000Z"],
  ["1 week ago", "2026-11-16T16:30:00.000Z"],
  ["14:00", "2026-11-23T13:00:00.000Z"],
  ["today 9:30", "2026-11-23T08:30:00.000Z"],
  ["yesterday 14:00", "2026-11-22T13:00:00.000Z"],
  ["Yesterday at 23:59:59.5", "2026-11-22T22:59:59.500Z"],
  ["2026-11-23T14:00:00Z", "2026-11-23T14:00:00.000Z"],
  ["2026-11-23t14:00z", "2026-11-23T14:00:00.000Z"],
  ["2026-11-23T14:00:00.123456Z", "2026-11-23T14:00:00.123456Z"],
  ["2026-11-23 14:00:00+05:30", "2026-11-23T08:30:00.000Z"],
  ["2026-11-23 14:00:00 -08", "2026-11-23T22:00:00.000Z", new Date("2026-11-24T00:00:00Z")],
  ["2026-11-23 14:00", "2026-11-23T13:00:00.000Z"],
  ["2026-07-01T14:00", "2026-07-01T12:00:00.000Z"],
  ["2026-11-22 23:30", "2026-11-22T22:30:00.000Z"],
] as const)("%s is %s", (text, timestamp, at: Date = now) => {
  expect(parseMoment(text, at)).toEqual({ timestamp });
});

test.each([
  ["0/1A2B3C", "0/1A2B3C"],
  ["0/1a2b3c", "0/1A2B3C"],
  ["16/B374D848", "16/B374D848"],
])("%s is the position %s", (text, lsn) => {
  expect(parseMoment(text, now)).toEqual({ lsn });
});

test.each([
  ["", "no-time"],
  ["now", "no-time"],
  ["10", "no-time"],
  ["10 minutes", "no-time"],
  ["ten minutes ago", "no-time"],
  ["-5m", "no-time"],
  ["5 parsecs ago", "no-time"],
  ["0m", "now"],
  ["1 month ago", "length-differs"],
  ["2 years ago", "length-differs"],
  ["yesterday", "no-time-of-day"],
  ["today", "no-time-of-day"],
  ["2026-11-23", "no-time-of-day"],
  ["11/10", "date-or-position"],
  ["23.11.2026 14:00", "no-time"],
  ["11/23/2026 14:00", "no-time"],
  ["2026-02-30 14:00", "no-such-time"],
  ["2026-11-22 24:00", "no-such-time"],
  ["25:00", "no-such-time"],
  ["2026-11-23T14:00:00+99:00", "no-such-zone"],
  // Berlin put its clocks forward at 2:00 on 29 March 2026, and back at 3:00 on 25 October.
  ["2026-03-29 02:30", "clock-forward"],
  ["2026-10-25 02:30", "clock-back"],
  ["0/123456789", "no-time"],
  ["14:00; drop table", "no-time"],
])("%j is refused: %s", (text, problem) => {
  expect(() => parseMoment(text, now)).toThrow(
    expect.objectContaining({ code: "USAGE", reason: "MOMENT_UNCLEAR", details: { problem } }),
  );
});

test.each(["18:00", "2027-01-01T00:00:00Z"])("%s lies in the future", (text) => {
  expect(() => parseMoment(text, now)).toThrow(
    expect.objectContaining({ code: "USAGE", reason: "MOMENT_IN_FUTURE" }),
  );
});

test("the hour that a clock shows twice can be told with its zone", () => {
  expect(parseMoment("2026-10-25 02:30+02:00", now)).toEqual({
    timestamp: "2026-10-25T00:30:00.000Z",
  });
});

test("for people", () => {
  expect(describeMoment({ timestamp: "2026-11-23T14:30:00.000Z" }, now)).toBe(
    "2026-11-23T14:30:00.000Z (2h ago)",
  );
  expect(describeMoment({ lsn: "0/1A" }, now)).toBe("position 0/1A");
});
