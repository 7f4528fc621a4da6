import type { MigrationFolder } from "./migration.ts";

/** A migration of this side, and the one whose number it has. */
export interface DoubledNumber {
  name: string;
  other: string;
}

/** Which migrations share their number, as two branches give it: `0001_b` and `0001_c`. v1 has times instead. */
export function doubledNumbers({ format, migrations }: MigrationFolder): DoubledNumber[] {
  if (format !== "v0") return [];
  const number = (name: string) => /^\d+(?=_|$)/.exec(name)?.[0];
  return migrations.flatMap(({ name }, index) => {
    const other = migrations.find(
      (each, at) => at !== index && number(each.name) === (number(name) ?? Number.NaN),
    );
    return other === undefined ? [] : [{ name, other: other.name }];
  });
}

/** Those that the base does not have yet; where both are new, the second one. */
export function introducedHere(
  doubled: readonly DoubledNumber[],
  base: Iterable<string>,
): DoubledNumber[] {
  const known = new Set([...base].map((file) => file.normalize()));
  const isNew = (name: string) => !known.has(`${name}.sql`.normalize());
  return doubled.filter(
    ({ name, other }, index) =>
      isNew(name) && (!isNew(other) || doubled.slice(0, index).some((each) => each.name === other)),
  );
}
