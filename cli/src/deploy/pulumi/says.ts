import type { ErrorReason } from "../../errors/error-reason.ts";
import { meaningOf, type Sayings } from "../../lib/text/sayings.ts";

export type PulumiReason = Extract<
  ErrorReason,
  "STACK_EXISTS" | "STACK_LOCKED" | "NO_PASSPHRASE" | "NO_PULUMI_LOGIN"
>;

/** Of Pulumi 3.248. What a program's resources complain about goes through the same text: each must be Pulumi's own. */
const pulumiSays: Sayings<PulumiReason> = [
  // stack 'organization/shop-stage/ci-pr-142' already exists
  { says: /^error: stack '[^'/]+\/[^'/]+\/[^']+' already exists/m, means: "STACK_EXISTS" },
  // Plain storage, and Pulumi Cloud: [409] Conflict: Another update is currently in progress.
  { says: /the stack is currently locked by/, means: "STACK_LOCKED" },
  { says: /conflict: Another update is currently in progress/i, means: "STACK_LOCKED" },
  // passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables
  { says: /passphrase must be set|PULUMI_CONFIG_PASSPHRASE/, means: "NO_PASSPHRASE" },
  { says: /incorrect passphrase/i, means: "NO_PASSPHRASE" },
  // PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions
  { says: /PULUMI_ACCESS_TOKEN|pulumi login|invalid access token/i, means: "NO_PULUMI_LOGIN" },
];

export const pulumiMeans = (text: string) => meaningOf(pulumiSays, text);
