import { digest } from "./digest.ts";

/**
 * Numbers exchanged among each other, so that different ones stay different however few there can be, and
 * none stays as it is: an alternating Feistel network P, keyed by the secret, and of it P⁻¹(P(x) + k).
 */

/** Numbers that are mixed with each other alone: the first, and two factors of how many there are. */
type Band = readonly [low: bigint, a: bigint, b: bigint];

const p2 = (exponent: number) => 2n ** BigInt(exponent);
const p10 = (exponent: number) => 10n ** BigInt(exponent);

/** Wide, so that little is left of the size; each integer type's own numbers stay within it. */
export const wideBands: readonly Band[] = [
  [0n, 1n, 1n],
  [1n, 217n, 151n],
  [p2(15), p2(16) - 1n, p2(15)],
  [p2(31), (p2(15) - 1n) * p2(8), p2(23)],
  [p2(46), (p2(17) - 1n) * p2(14), p2(32)],
];

/** Of as many digits; cut where an integer type ends. */
export const digitBands: readonly Band[] = [
  [0n, 1n, 1n],
  ...Array.from({ length: 18 }, (_, at) => ofDigits(at + 1)).flat(),
  [p10(18), 31369674823207n, p2(18)],
];

function ofDigits(digits: number): Band[] {
  if (digits === 5) {
    return [
      [p10(4), 1423n, 16n],
      [p2(15), 352n, 191n],
    ];
  }
  if (digits === 10) {
    return [
      [p10(9), 2241179n, 512n],
      [p2(31), 7668473n, 1024n],
    ];
  }
  const half = Math.floor((digits - 1) / 2);
  return [[p10(digits - 1), 9n * p10(half), p10(digits - 1 - half)]];
}

/** @param number SQL of a whole number that fits into a bigint; what comes out is a bigint of the same sign */
export function permutedInteger(number: string, bands: readonly Band[]): string {
  const magnitude = "case when w.v < 0 then -1 - w.v else w.v end";
  const mixed = mixedSql("m.m", bands);
  return `(select case when p.v < 0 then -1 - p.p else p.p end from (select m.v, ${mixed} as p from (select w.v, ${magnitude} as m from (select (${number})::bigint as v offset 0) w offset 0) m offset 0) p)`;
}

const list = (numbers: readonly bigint[]) => `(array[${numbers.join(",")}]::bigint[])`;

function mixedSql(number: string, bands: readonly Band[]): string {
  const of = (part: 0 | 1 | 2) => list(bands.map((band) => band[part]));
  const steps = [
    `(select ${number} as x, width_bucket(${number}, ${of(0)}) as i offset 0) q`,
    `(select ${of(0)}[q.i] as low, ${of(1)}[q.i] as na, ${of(2)}[q.i] as nb offset 0) s`,
    `(select (q.x - s.low) / s.nb as a, (q.x - s.low) % s.nb as b offset 0) r0`,
    added(1, "a"),
    added(2, "b"),
    added(3, "a"),
    added(4, "b"),
    `(select s.na * s.nb as n, r4.a * s.nb + r4.b as z, 1 + ${below("'k'", "greatest(s.na * s.nb - 1, 1)")} as k offset 0) t`,
    `(select case when t.z >= t.n - t.k then t.z - (t.n - t.k) else t.z + t.k end as z offset 0) u`,
    `(select u.z / s.nb as a, u.z % s.nb as b offset 0) r5`,
    takenAway(6, "b", 4),
    takenAway(7, "a", 3),
    takenAway(8, "b", 2),
    takenAway(9, "a", 1),
  ];
  return `(select s.low + r9.a * s.nb + r9.b from ${steps.join(" cross join lateral ")})`;
}

/** A number from 0 to `limit` - 1 that goes by the secret, the band and `what`. */
const below = (what: string, limit: string): string =>
  `(('x' || encode(substr(${digest(`concat_ws(' ', 'permutation', s.low, ${what})`)}, 1, 7), 'hex'))::bit(56)::bigint % ${limit})`;

const other = { a: "b", b: "a" } as const;

/** The next round: one half, and a number that goes by the other one. */
const round = (n: number, half: "a" | "b", changed: string): string =>
  `(select ${changed} as ${half}, r${n - 1}.${other[half]} offset 0) r${n}`;

const added = (n: number, half: "a" | "b"): string =>
  round(n, half, `(r${n - 1}.${half} + ${ofOther(n, n - 1, half)}) % s.n${half}`);

const takenAway = (n: number, half: "a" | "b", undone: number): string =>
  round(n, half, `(r${n - 1}.${half} - ${ofOther(undone, n - 1, half)} + s.n${half}) % s.n${half}`);

const ofOther = (n: number, from: number, half: "a" | "b"): string =>
  below(`${n}, r${from}.${other[half]}`, `s.n${half}`);
