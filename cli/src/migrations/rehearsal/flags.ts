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
  /** Write what is pending anew. */
  fix: boolean;
  small: boolean;
  yes: boolean;
}

export function refuseContradictions(flags: RehearsalFlags, refs: readonly string[]): void {
  const { against, db, check, rehearse, withLoad, conflicts, plan, fix, small, yes } = flags;
  if (fix && !plan) {
    throw new DsError("USAGE", "--fix writes anew what --plan finds, so it goes with that", {
      hint: "ds db migrate --plan --fix",
    });
  }
  if (fix && against !== undefined) {
    throw new DsError("USAGE", "--fix goes by what --plan finds on the branch, without --against", {
      hint: "Look at the other stage's rows first: ds db migrate --plan --against <stage>",
    });
  }
  if ((small || yes) && !fix) {
    throw new DsError("USAGE", `${small ? "--small" : "--yes"} goes with --plan --fix only`, {
      hint: "Leave it out",
    });
  }
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
