import type { ColumnType } from "../model/column-type.ts";
import { numberNoise } from "./json.ts";

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
  return limit === undefined ? noisy : `greatest(least(${noisy}, ${limit}), -${limit})`;
}

/** How many decimal digits of a token fit into a number. */
export function digitsOf({ base, precision }: ColumnType): number {
  const most = { smallint: 4, integer: 9, real: 6 }[base] ?? 14;
  return precision === undefined ? most : Math.max(1, Math.min(most, precision[0] - precision[1]));
}
