import { DsError } from "../../errors/ds-error.ts";

export interface RehearsalFlags {
  db?: string;
  check: boolean;
  /** Undefined: the project's rule decides. */
  rehearse?: boolean;
  withLoad: boolean;
  /** Only compare with other git refs. */
  conflicts: boolean;
  /** Only show what would run. */
  plan: boolean;
  /** With --plan: one more stage whose rows to look at. */
  against?: string;
}

export function refuseContradictions(
  { against, db, check, rehearse, withLoad, conflicts, plan }: RehearsalFlags,
  refs: readonly string[],
): void {
  if (refs.length > 0 && !conflicts) {
    throw new DsError("USAGE", `ds db migrate takes no argument, and was given "${refs[0]}"`, {
      hint: "To compare with a git ref: ds db migrate --conflicts <ref>; to name a stage: --target <stage>",
    });
  }
  if (conflicts && (db !== undefined || check || rehearse !== undefined || withLoad)) {
    throw new DsError(
      "USAGE",
      "--conflicts applies nothing, so of the other flags only --target goes with it",
      {
        hint: "Leave out --db, --check, --rehearse and --with-load",
      },
    );
  }
  if (withLoad && rehearse === false) {
    throw new DsError("USAGE", "--with-load is a rehearsal, and --no-rehearse is none", {
      hint: "Leave one out",
    });
  }
  if (db !== undefined && (rehearse || withLoad)) {
    throw new DsError("USAGE", "a rehearsal needs a branch to copy, and --db names a database", {
      hint: "Name a stage with --target instead, or leave out --rehearse and --with-load",
    });
  }
  if (against !== undefined && !plan) {
    throw new DsError(
      "USAGE",
      "--against looks at the rows of one more stage for --plan, and --plan is not there",
      {
        hint: `ds db migrate --plan --against ${against}`,
      },
    );
  }
  if (plan && (check || conflicts || rehearse || withLoad)) {
    throw new DsError("USAGE", "--plan runs nothing and always ends well, so it stands alone", {
      hint: "Leave out --check, --conflicts, --rehearse and --with-load",
    });
  }
}
