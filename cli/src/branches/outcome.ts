import type { DsError } from "../errors/ds-error.ts";

/**
 * What a command that failed leaves of the branch whose data it was to exchange: as it was, or nobody could be
 * asked (it is either as before or exchanged, never in between). `details.outcome` of its error.
 */
export type Outcome = "unchanged" | "unknown";

export const outcomeOf = ({ details }: DsError): Outcome | undefined =>
  details.outcome === "unchanged" || details.outcome === "unknown" ? details.outcome : undefined;

/** The error, with what it leaves of the branch as a field and at the end of its sentence. */
export const withOutcome = (error: DsError, outcome: Outcome, branch: string): DsError =>
  error.with({
    message: `${error.message.replace(/\.$/, "")}; ${outcomeText(outcome, branch)}`,
    details: { ...error.details, outcome },
  });

const outcomeText = (outcome: Outcome, branch: string): string =>
  outcome === "unchanged"
    ? `${branch} is as it was before`
    : "the API cannot be asked whether it happened: the branch is either as before or replaced, never in between";
