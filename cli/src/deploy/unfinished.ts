/** The steps of a cloud stage, in the order of `up`; `down` goes the other way. */
export type DeployStep = "branch" | "migrations" | "secret" | "stack";

/** What a run that has not ended well has left behind, for the next one and for `ds deploy list`. */
export interface Unfinished {
  command: "up" | "down";
  step: DeployStep;
  /** ISO 8601. */
  startedAt: string;
}

export const stepNames: Record<DeployStep, string> = {
  branch: "the branch",
  migrations: "its migrations",
  secret: "the secret",
  stack: "the stack",
};

/** `up stopped at the secret` */
export const describeUnfinished = ({ command, step }: Unfinished): string =>
  `${command} stopped at ${stepNames[step]}`;
