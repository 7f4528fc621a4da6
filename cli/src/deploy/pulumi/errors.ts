import { DsError } from "../../errors/ds-error.ts";
import { pulumiComplaint } from "./output.ts";
import { type PulumiReason, pulumiMeans } from "./says.ts";

/** A failure of Pulumi's, out of all that it said; `what` was being done and begins the sentence. */
export function pulumiError(what: string, text: string): DsError {
  const reason = pulumiMeans(text);
  const said = pulumiComplaint(text);
  if (reason) return known[reason](what, said).with({ reason, details: { said } });
  return new DsError("UPSTREAM", `${what} failed:\n${said}`, {
    reason: "PULUMI_FAILED",
    hint: "Run it again once that is mended: what is done already is not done twice.",
    details: { said },
  });
}

const known: Record<PulumiReason, (what: string, said: string) => DsError> = {
  STACK_EXISTS: (what, said) => new DsError("CONFLICT", `${what}: it exists already\n${said}`),
  STACK_LOCKED: (what, said) =>
    new DsError("LOCKED", `${what}: the stack is locked by another update\n${said}`, {
      hint: "Wait for it to end. If it died on another machine: pulumi cancel --stack <stack>",
    }),
  NO_PASSPHRASE: (what) => noPassphrase(what),
  NO_PULUMI_LOGIN: (what, said) =>
    new DsError("CREDENTIALS", `${what}: Pulumi is not logged in to a backend\n${said}`, {
      hint: "Set PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL (s3://…, file://…), or run: pulumi login",
    }),
};

export const noPassphrase = (what: string): DsError =>
  new DsError("CREDENTIALS", `${what}: Pulumi has no passphrase for the stack's secrets`, {
    reason: "NO_PASSPHRASE",
    hint: "Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or name `secretsProvider` under `infra` in ds.config.ts.",
  });

export const pulumiInterrupted = (when: string): DsError =>
  new DsError("INTERRUPTED", `interrupted ${when}`, {
    hint: "Pulumi writes down what it has done: the same command continues from there.",
  });

export const noPulumi = (): DsError =>
  new DsError("PREREQUISITE_MISSING", "Pulumi's command line is not on this machine", {
    reason: "NO_PULUMI",
    hint: "Install it (https://www.pulumi.com/docs/install), or take `infra` out of ds.config.ts.",
  });
