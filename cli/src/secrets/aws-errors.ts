import { DsError } from "../errors/ds-error.ts";
import { awsMeans } from "./aws-says.ts";

export const errorName = (error: unknown): string => (error as Error).name ?? "";

/** No credentials, or none that are good any more, by the names that the SDK and AWS give it. */
const credentials = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "AccessDeniedException",
  "SSOTokenProviderFailure",
]);

/** A name that was deleted at once takes a while to be free. */
export const isBeingDeleted = (error: unknown): boolean =>
  errorName(error) === "InvalidRequestException" &&
  awsMeans((error as Error).message) === "NAME_BEING_DELETED";

/** What AWS or its SDK refused, in this program's codes. Requests are never a part of it: they hold the value. */
export function awsError(what: string, error: unknown): DsError {
  if (error instanceof DsError) return error;
  const { name, message } = error as Error;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const details = {
    awsError: name,
    ...($metadata?.httpStatusCode ? { httpStatus: $metadata.httpStatusCode } : {}),
  };
  if (name === "AbortError") return new DsError("INTERRUPTED", `interrupted while ${what}`);
  if (awsMeans(message) === "NO_REGION") {
    return new DsError("CONFIG_INVALID", `${what}: no AWS region is set`, {
      reason: "NO_AWS_REGION",
      hint: "Set AWS_REGION, or `region` under `secrets` in ds.config.ts.",
    });
  }
  if (credentials.has(name)) {
    return new DsError("CREDENTIALS", `${what}: AWS does not let us (${message})`, {
      hint: "Log in (aws sso login), set AWS_PROFILE, or allow secretsmanager:* on the stages' names.",
      details,
    });
  }
  return new DsError("UPSTREAM", `${what} failed: AWS says ${name}: ${message}`, {
    hint: "Run it again: what is done already is not done twice.",
    details,
  });
}
