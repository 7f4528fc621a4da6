import { DsError } from "../errors/ds-error.ts";
import { formatDuration, parseDuration } from "../lib/format/duration.ts";

/** A moment of a branch's past: a time (ISO 8601 in UTC) or a position in its write-ahead log. */
export type PointInTime = { timestamp: string } | { lsn: string };

const units: Record<string, string> = {
  second: "s",
  sec: "s",
  s: "s",
  minute: "m",
  min: "m",
  m: "m",
  hour: "h",
  h: "h",
  day: "d",
  d: "d",
  week: "w",
  w: "w",
};

/**
 * What a person writes after --at, or another flag. A time without a zone is meant in the zone of this machine. What
 * could mean two moments is refused: the wrong one of them would silently be other data.
 */
export function parseMoment(text: string, now: Date, flag = "--at"): PointInTime {
  try {
    return momentIn(text, now);
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    throw error.with({ message: `${flag} ${error.message}` });
  }
}

function momentIn(text: string, now: Date): PointInTime {
  const wanted = text.trim().replace(/\s+/g, " ");
  const lsn = positionIn(wanted);
  if (lsn !== undefined) return { lsn };
  const time = agoIn(wanted, now) ?? isoIn(wanted) ?? dayIn(wanted, now);
  if (time === undefined) throw unclear(text, "no-time");
  if (Date.parse(time) > now.getTime()) {
    throw new DsError("USAGE", `"${text}" lies in the future (${time})`, {
      reason: "MOMENT_IN_FUTURE",
      hint: examples,
    });
  }
  return { timestamp: time };
}

/** For people: the time in UTC and how long ago that is, or the position. */
export function describeMoment(moment: PointInTime, now: Date): string {
  if ("lsn" in moment) return `position ${moment.lsn}`;
  const ago = formatDuration(now.getTime() - Date.parse(moment.timestamp));
  return `${moment.timestamp} (${ago} ago)`;
}

function positionIn(text: string): string | undefined {
  if (!/^[0-9a-f]{1,8}\/[0-9a-f]{1,8}$/i.test(text)) return undefined;
  if (/^\d{1,2}\/\d{1,2}$/.test(text)) {
    throw unclear(text, "date-or-position");
  }
  return text.toUpperCase();
}

/** `10 minutes ago`, `2h ago`, and `2h` alone. */
function agoIn(text: string, now: Date): string | undefined {
  const [, digits, word = "", ago] = /^(\d+) ?([a-z]+)( ago)?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const name = word.toLowerCase();
  if (/^(months?|mon|years?|y)$/.test(name)) throw unclear(text, "length-differs");
  const unit = units[name] ?? units[name.replace(/s$/, "")];
  // A bare number with a written-out unit may be half of something longer.
  if (unit === undefined || (!ago && name.length > 1)) return undefined;
  if (Number(digits) === 0) throw unclear(text, "now");
  return new Date(now.getTime() - parseDuration(`${digits}${unit}`)).toISOString();
}

const clock = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)?`;

/** `2026-11-23T14:00:00Z`, `2026-11-23 14:00`, `…+05:30`. */
function isoIn(text: string): string | undefined {
  const shape = new RegExp(
    `^(\\d{4})-(\\d{2})-(\\d{2})(?:[Tt ]${clock} ?(Z|[+-]\\d{2}(?::?\\d{2})?)?)?$`,
    "i",
  );
  const [found, year, month, day, hour, minute, second, fraction, zone] = shape.exec(text) ?? [];
  if (found === undefined) return undefined;
  if (hour === undefined) throw unclear(text, "no-time-of-day");
  const date: Day = [Number(year), Number(month) - 1, Number(day)];
  return momentOn(text, date, { hour, minute, second, fraction }, zone);
}

/** `14:00`, `today 14:00`, `yesterday 14:00`. */
function dayIn(text: string, now: Date): string | undefined {
  if (/^(today|yesterday)$/i.test(text)) throw unclear(text, "no-time-of-day");
  const [found, day, hour, minute, second, fraction] =
    new RegExp(`^(?:(today|yesterday) (?:at )?)?${clock}$`, "i").exec(text) ?? [];
  if (found === undefined) return undefined;
  const back = day?.toLowerCase() === "yesterday" ? 1 : 0;
  // Noon, as some days have no midnight.
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - back, 12);
  const date: Day = [at.getFullYear(), at.getMonth(), at.getDate()];
  return momentOn(text, date, { hour, minute, second, fraction }, undefined);
}

/** Year, month from 0, day. */
type Day = [number, number, number];

interface Clock {
  hour: string | undefined;
  minute: string | undefined;
  second: string | undefined;
  fraction: string | undefined;
}

function momentOn(text: string, day: Day, clock: Clock, zone: string | undefined): string {
  const time = [clock.hour, clock.minute, clock.second].map((part) => Number(part ?? 0)) as Day;
  const utc = Date.UTC(...day, ...time);
  const same = new Date(utc);
  const isReal =
    time[0] < 24 &&
    time[1] < 60 &&
    time[2] < 60 &&
    same.getUTCMonth() === day[1] &&
    same.getUTCDate() === day[2];
  if (!isReal) throw unclear(text, "no-such-time");
  const ms = zone === undefined ? localTime(text, day, time) : utc - offsetMs(text, zone);
  // Dates count milliseconds; the API takes microseconds.
  const fraction = (clock.fraction ?? ".000").padEnd(4, "0");
  return new Date(ms).toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}

function localTime(text: string, day: Day, time: Day): number {
  const at = new Date(...day, ...time);
  if (at.getHours() !== time[0] || at.getMinutes() !== time[1]) {
    throw unclear(text, "clock-forward");
  }
  const hourMs = 3_600_000;
  const shownAgain = [-hourMs, hourMs].some(
    (ms) => new Date(at.getTime() + ms).getHours() === time[0],
  );
  if (shownAgain) throw unclear(text, "clock-back");
  return at.getTime();
}

function offsetMs(text: string, zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (Number(hours) > 15 || Number(minutes) > 59) throw unclear(text, "no-such-zone");
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

const examples =
  'Write it as one of: "10 minutes ago", 2h, "yesterday 14:00", 2026-11-23T14:00:00Z, "2026-11-23 14:00" (local time), 0/1A2B3C.';

/** Why a text does not name one moment, for people. */
const problems = {
  "no-time": "it is no time that is understood here",
  "date-or-position": "it may be a date or a position in the log",
  "length-differs": "how long that is differs; count days",
  now: "that is now",
  "no-time-of-day": "it has no time of day",
  "no-such-time": "there is no such day or time",
  "clock-forward": "the clock was put forward over that time",
  "clock-back": "the clock was put back, and showed that time twice",
  "no-such-zone": "there is no such time zone",
} as const;

function unclear(text: string, problem: keyof typeof problems): DsError {
  return new DsError("USAGE", `"${text}" does not name one moment: ${problems[problem]}`, {
    reason: "MOMENT_UNCLEAR",
    hint: examples,
    details: { problem },
  });
}
