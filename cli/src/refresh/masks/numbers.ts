import type { ColumnType } from "../model/column-type.ts";
import { numberNoise } from "./json.ts";
import { digitBands, permutedInteger, wideBands } from "./permutation.ts";

const largest: Record<string, string> = {
  smallint: "32767",
  integer: "2147483647",
  bigint: "9223372036854775807",
};

export function numberInRange(
  percent: number,
  value: string,
  { base, precision }: ColumnType,
): string {
  if (base === "real" || base === "double precision") {
    return numberNoise(value, `${value}::text`, percent);
  }
  const noisy = `round(${numberNoise(`${value}::numeric`, `${value}::text`, percent)}, ${precision?.[1] ?? `coalesce(scale(${value}::numeric), 0)`})`;
  const [digits, scale] = precision ?? [0, 0];
  const limit =
    largest[base] ??
    (digits > 0 ? `(10::numeric ^ ${digits - scale} - 10::numeric ^ ${-scale})` : undefined);
  if (limit === undefined) return noisy;
  // Of NULL and a limit these two would choose the limit.
  return `case when ${value} is not null then greatest(least(${noisy}, ${limit}), -${limit}) end`;
}

/** Whole numbers and decimal ones of a fixed scale, as far as they fit into a bigint: exchanged among each other. */
export const isExact = ({ family, base, precision: [digits] = [0, 0] }: ColumnType): boolean =>
  family === "integer" || (base === "numeric" && digits > 0 && digits <= 18);

/** Of an exact type. */
export function otherNumber(
  value: string,
  { base, precision }: ColumnType,
  as: "token" | "code",
): string {
  if (precision === undefined) {
    return `${permutedInteger(value, as === "token" ? wideBands : digitBands)}::${base}`;
  }
  const unit = `(10::numeric ^ ${precision[1]})`;
  const made = permutedInteger(`trunc(x.v * ${unit})`, digitBands);
  // The text of a power has more digits than the type may have.
  return `(select case when x.v = 'NaN' then x.v else round(${made}::numeric / ${unit}, ${Math.max(precision[1], 0)}) end from (select ${value}::numeric as v offset 0) x)`;
}

/** How many decimal digits of a token fit into another number. */
export function digitsOf({ base, precision }: ColumnType): number {
  const most = base === "real" ? 6 : 14;
  return precision === undefined ? most : Math.max(1, Math.min(most, precision[0] - precision[1]));
}
