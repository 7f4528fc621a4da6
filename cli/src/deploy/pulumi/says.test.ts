import { expect, test } from "vitest";
import { pulumiMeans } from "./says.ts";

test.each([
  ["error: stack 'organization/shop-stage/ci-pr-1' already exists", "STACK_EXISTS"],
  [
    "error: could not create stack: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
    "STACK_LOCKED",
  ],
  ["error: [409] Conflict: Another update is currently in progress.", "STACK_LOCKED"],
  [
    "error: could not create secrets manager for new stack: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    "NO_PASSPHRASE",
  ],
  ["error: failed to decrypt: incorrect passphrase", "NO_PASSPHRASE"],
  [
    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
    "NO_PULUMI_LOGIN",
  ],
  // What a program's own resources complain about is none of it.
  ["error: creating S3 Bucket (stack): BucketAlreadyExists: it already exists", undefined],
  ["error: the table is currently locked", undefined],
  ["error: bucket quota exceeded", undefined],
])("%s: %s", (text, means) => expect(pulumiMeans(text)).toBe(means));
