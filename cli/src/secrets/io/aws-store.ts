import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretListEntry,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";
import { awsError, errorName, isBeingDeleted } from "../aws-errors.ts";
import type { Secret, SecretChange } from "../secret.ts";
import type { SecretStore } from "./secret-store.ts";

/** How long a name may stay taken after a secret was deleted at once. */
const nameFreeWithinMs = 60_000;

/**
 * AWS Secrets Manager. The SDK finds credentials (SSO, OIDC, profiles ...) and the endpoint
 * (AWS_ENDPOINT_URL_SECRETS_MANAGER) by itself.
 */
export async function openAwsSecrets(
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<SecretStore> {
  trustExtraCertificates();
  const client = new SecretsManagerClient({
    ...(wanted ? { region: wanted } : {}),
    maxAttempts: 5,
  });
  const abort = { abortSignal: signal };
  const region = await ask("finding the AWS region", () => client.config.region());

  /** The value and the version it has; undefined when there is none that can be read. */
  const current = (name: string) =>
    ask(`reading the secret ${name}`, async () => {
      try {
        const found = await client.send(new GetSecretValueCommand({ SecretId: name }), abort);
        return { value: found.SecretString, version: found.VersionId };
      } catch (error) {
        if (errorName(error) === "ResourceNotFoundException") return undefined;
        if (errorName(error) === "InvalidRequestException") return undefined;
        throw error;
      }
    });
  const describe = (name: string) =>
    ask(`looking up the secret ${name}`, async () => {
      try {
        return await client.send(new DescribeSecretCommand({ SecretId: name }), abort);
      } catch (error) {
        if (errorName(error) === "ResourceNotFoundException") return undefined;
        throw error;
      }
    });
  const write = (name: string, value: string, before: string | undefined) =>
    ask(`writing the secret ${name}`, () =>
      client.send(
        new PutSecretValueCommand({
          SecretId: name,
          SecretString: value,
          ClientRequestToken: requestToken(name, value, before),
        }),
        abort,
      ),
    );

  /** False when somebody else was faster. */
  const create = (name: string, value: string) =>
    ask(`creating the secret ${name}`, async () => {
      const giveUpAt = Date.now() + nameFreeWithinMs;
      const request = new CreateSecretCommand({
        Name: name,
        Description: "Database of a cloud stage; written by ds deploy up",
        SecretString: value,
        ClientRequestToken: requestToken(name, value, undefined),
      });
      for (;;) {
        try {
          await client.send(request, abort);
          return true;
        } catch (error) {
          if (errorName(error) === "ResourceExistsException") return false;
          if (!isBeingDeleted(error) || Date.now() > giveUpAt) throw error;
          await sleep(2_000, undefined, { signal });
        }
      }
    });

  const put = async (name: string, value: string): Promise<SecretChange> => {
    const old = await current(name);
    if (old?.value === value) return "unchanged";
    const known = old ?? (await describe(name));
    if (!known) return (await create(name, value)) ? "created" : put(name, value);
    const waiting = "DeletedDate" in known && known.DeletedDate !== undefined;
    if (waiting) {
      await ask(`restoring the secret ${name}`, () =>
        client.send(new RestoreSecretCommand({ SecretId: name }), abort),
      );
      const restored = await current(name);
      if (restored?.value !== value) await write(name, value, restored?.version);
      return "restored";
    }
    await write(name, value, old?.version);
    return "updated";
  };

  return {
    kind: "aws",
    description: `AWS Secrets Manager, ${region}`,
    get: async (name) => (await current(name))?.value,
    put,
    delete: async (name, when) => {
      // Deleting what is not there by force is no error for AWS, so it is looked up first.
      const known = await describe(name);
      if (!known || (known.DeletedDate && when !== "now")) return "absent";
      await ask(`deleting the secret ${name}`, () =>
        client.send(
          new DeleteSecretCommand({
            SecretId: name,
            ...(when === "now"
              ? { ForceDeleteWithoutRecovery: true }
              : { RecoveryWindowInDays: when.recoveryDays }),
          }),
          abort,
        ),
      );
      return "deleted";
    },
    find: async (name) => {
      const known = await describe(name);
      return known && toSecret(known);
    },
    list: (prefix) =>
      ask("listing secrets", async () => {
        const found: Secret[] = [];
        let next: string | undefined;
        do {
          const page = await client.send(
            new ListSecretsCommand({
              IncludePlannedDeletion: true,
              MaxResults: 100,
              ...(prefix === "" ? {} : { Filters: [{ Key: "name", Values: [prefix] }] }),
              ...(next ? { NextToken: next } : {}),
            }),
            abort,
          );
          found.push(...(page.SecretList ?? []).map(toSecret));
          next = page.NextToken;
        } while (next);
        // The filter does not tell upper from lower case.
        return found.filter(({ name }) => name.startsWith(prefix));
      }),
  };
}

/**
 * The same for a repeated request, which AWS then ignores. The version that is replaced is a part of it: a value
 * that comes back after another one would otherwise be taken for a repetition, and never become the current one.
 */
function requestToken(name: string, value: string, before: string | undefined): string {
  return createHash("sha256")
    .update([name, before ?? "", value].join("\0"))
    .digest("hex");
}

function toSecret(
  entry: Pick<SecretListEntry, "Name" | "CreatedDate" | "LastChangedDate" | "DeletedDate">,
): Secret {
  return {
    name: entry.Name ?? "",
    createdAt: entry.CreatedDate?.toISOString(),
    changedAt: entry.LastChangedDate?.toISOString(),
    deletedAt: entry.DeletedDate?.toISOString(),
  };
}

async function ask<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw awsError(what, error);
  }
}
