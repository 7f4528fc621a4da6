import { digest } from "./digest.ts";

/**
 * Other letters and digits in the same places, as SQL on a value of type text: `AB-1204` becomes `QT-8831`.
 * Different values stay different however short they are, and none with a letter or a digit stays as it is:
 * an alternating Feistel network P on the two halves, and of it P⁻¹(turned P(x)). It does not go by upper
 * and lower case, so that what differs without them differs after it, too.
 */
export function codeMask(value: string): string {
  const steps = [
    `(select left(v.v, (length(v.v) + 1) / 2) as l, substr(v.v, (length(v.v) + 1) / 2 + 1) as r offset 0) r0`,
    round(1, "l", 1, "+"),
    round(2, "r", 2, "+"),
    round(3, "l", 3, "+"),
    round(4, "r", 4, "+"),
    `(select ${turned("r4.l")} as l, ${turned("r4.r")} as r offset 0) r5`,
    round(6, "r", 4, "-"),
    round(7, "l", 3, "-"),
    round(8, "r", 2, "-"),
    round(9, "l", 1, "-"),
  ];
  const made = `(select r9.l || r9.r from ${steps.join(" cross join lateral ")})`;
  return `(select case when v.v is not null then ${made} end from (select ${value} as v offset 0) v)`;
}

/** As many bytes, out of one digest: many more of them are the same ones again. */
export const bytesCode = (value: string): string =>
  `(select substr(decode(repeat(encode(d.h, 'hex'), length(d.v) / 32 + 1), 'hex'), 1, length(d.v)) from (select ${value} as v, ${digest(`encode(${value}, 'hex')`)} as h offset 0) d)`;

const other = { l: "r", r: "l" } as const;

/** One half moved by a stream of bytes that goes by the other one. */
function round(n: number, half: "l" | "r", key: number, sign: "+" | "-"): string {
  const from = `r${n - 1}`;
  const stream = digest(`'code ${key} ' || lower(${from}.${other[half]})`);
  const moved = characters(`${from}.${half}`, stream, (size, byte) =>
    // 260 is a multiple of both 10 and 26.
    sign === "+" ? byte : `${size === 64 ? 256 : 260} - ${byte}`,
  );
  return `(select ${moved} as ${half}, ${from}.${other[half]} offset 0) r${n}`;
}

/** Each character moved by the same step, never by none. */
const turned = (text: string): string =>
  characters(
    text,
    digest("'code turn'"),
    (size) => `1 + get_byte(k.h, ${size % 32}) % ${size - 1}`,
  );

type Step = (size: number, byte: string) => string;

/** Kinds of characters, each of which stays one: from, how many, and what is moved. */
function characters(text: string, stream: string, step: Step): string {
  const byte = "get_byte(k.h, (u.i % 32)::int)";
  const within = (from: number, size: number) =>
    `when u.a between ${from} and ${from + size - 1} then chr(${from} + (u.a - ${from} + ${step(size, byte)}) % ${size})`;
  // Of other scripts within 64 characters that stand together; from 192 on, where letters begin.
  const others = `when u.a >= 192 then chr(u.a - u.a % 64 + (u.a % 64 + ${step(64, byte)}) % 64)`;
  const cases = [within(48, 10), within(65, 26), within(97, 26), others].join(" ");
  return `(select coalesce(string_agg(case ${cases} else u.c end, '' order by u.i), '') from (select ${stream} as h offset 0) k, lateral (select c.c, ascii(c.c) as a, c.i from unnest(string_to_array(${text}, null)) with ordinality c(c, i) offset 0) u)`;
}
