import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { counts, type Finding } from "./finding.ts";

/**
 * What `--strict` does: ends with 9 where there is an error or a warning that nothing silences.
 *
 * @param report what the command would have answered with
 * @param before shows it to a person
 */
export function refuseFindings(
  findings: readonly Finding[],
  report: object,
  before: () => void,
): void {
  const counting = findings.filter(counts);
  if (counting.length === 0) return;
  before();
  const names = [...new Set(counting.map(({ rule }) => rule))].join(", ");
  throw new DsError("FINDINGS", `${plural(counting.length, "finding")}: ${names}`, {
    hint: "Mend the migration, or write `-- ds:ignore <rule> <reason>` above the statement",
    details: { report },
  });
}
