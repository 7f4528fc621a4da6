import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

// Stands in for AWS Secrets Manager: its JSON protocol over HTTP and its rules, as far as a client sees them.

interface Version {
  id: string;
  value: string;
  current: boolean;
}

interface Entry {
  created: number;
  changed: number;
  deleted?: number;
  versions: Version[];
}

type Input = Record<string, unknown>;

class Refusal extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export interface FakeSecretsManager {
  url: string;
  /** Answers the next calls of an operation with this error. */
  failNext(operation: string, times: number, error: { name: string; status: number }): void;
  /** How often each operation was called. */
  calls: Record<string, number>;
  stop(): Promise<void>;
}

export async function startSecretsManager(): Promise<FakeSecretsManager> {
  const secrets = new Map<string, Entry>();
  const faults: { operation: string; error: Refusal }[] = [];
  const calls: Record<string, number> = {};

  const entry = (name: unknown) => {
    const found = secrets.get(String(name));
    if (found) return found;
    throw new Refusal(
      "ResourceNotFoundException",
      "Secrets Manager can't find the specified secret.",
    );
  };
  const alive = (name: unknown) => {
    const found = entry(name);
    if (found.deleted === undefined) return found;
    throw new Refusal(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  };
  /** A token that was used already: the same value is a repetition, another one an error. */
  const add = (found: Entry, { SecretString, ClientRequestToken }: Input) => {
    const id = String(ClientRequestToken ?? randomUUID());
    const known = found.versions.find((version) => version.id === id);
    if (known?.value === SecretString) return id;
    if (known) throw new Refusal("ResourceExistsException", "A version with this token exists.");
    for (const version of found.versions) version.current = false;
    found.versions.push({ id, value: String(SecretString), current: true });
    found.changed = Date.now();
    return id;
  };
  const operations: Record<string, (input: Input) => object> = {
    createSecret: (input) => {
      const name = String(input.Name);
      const found = secrets.get(name);
      if (found?.deleted !== undefined) {
        throw new Refusal(
          "InvalidRequestException",
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      }
      if (found) throw new Refusal("ResourceExistsException", `The secret ${name} already exists.`);
      const made: Entry = { created: Date.now(), changed: Date.now(), versions: [] };
      secrets.set(name, made);
      return { Name: name, VersionId: add(made, input) };
    },
    getSecretValue: ({ SecretId }) => {
      const version = alive(SecretId).versions.find(({ current }) => current);
      return { Name: SecretId, SecretString: version?.value, VersionId: version?.id };
    },
    putSecretValue: (input) => ({ VersionId: add(alive(input.SecretId), input) }),
    describeSecret: ({ SecretId }) => described(String(SecretId), entry(SecretId)),
    restoreSecret: ({ SecretId }) => {
      delete entry(SecretId).deleted;
      return { Name: SecretId };
    },
    deleteSecret: ({ SecretId, ForceDeleteWithoutRecovery, RecoveryWindowInDays }) => {
      if (ForceDeleteWithoutRecovery) {
        secrets.delete(String(SecretId));
        return { Name: SecretId };
      }
      const days = Number(RecoveryWindowInDays ?? 30);
      if (days < 7 || days > 30) {
        throw new Refusal("InvalidParameterException", "The RecoveryWindowInDays must be 7 to 30.");
      }
      alive(SecretId).deleted = Date.now();
      return { Name: SecretId };
    },
    listSecrets: ({ Filters, IncludePlannedDeletion, NextToken }) => {
      const prefix = (Filters as { Values: string[] }[] | undefined)?.[0]?.Values[0] ?? "";
      const found = [...secrets]
        .filter(([name]) => name.toLowerCase().startsWith(prefix.toLowerCase()))
        .filter(([, { deleted }]) => IncludePlannedDeletion || deleted === undefined);
      // Small pages, so that they are turned.
      const from = Number(NextToken ?? 0);
      const next = from + 2 < found.length ? { NextToken: String(from + 2) } : {};
      return {
        SecretList: found.slice(from, from + 2).map(([name, one]) => described(name, one)),
        ...next,
      };
    },
  };

  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(body));
    };
    try {
      const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
      calls[operation] = (calls[operation] ?? 0) + 1;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const fault = faults.findIndex((one) => one.operation === operation);
      if (fault >= 0) throw faults.splice(fault, 1)[0]?.error;
      if (!request.headers.authorization?.startsWith("AWS4-HMAC-SHA256")) {
        throw new Refusal("UnrecognizedClientException", "The request is not signed.");
      }
      const input = JSON.parse(Buffer.concat(chunks).toString()) as Input;
      answer(
        200,
        operations[operation.replace(/^./, (first) => first.toLowerCase())]?.(input) ?? {},
      );
    } catch (error) {
      const { name, message, status } = error as Refusal;
      answer(status, { __type: name, message });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failNext: (operation, times, { name, status }) => {
      for (let count = 0; count < times; count += 1) {
        faults.push({ operation, error: new Refusal(name, "by the test", status) });
      }
    },
    calls,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const described = (name: string, { created, changed, deleted }: Entry) => ({
  Name: name,
  CreatedDate: created / 1000,
  LastChangedDate: changed / 1000,
  ...(deleted === undefined ? {} : { DeletedDate: deleted / 1000 }),
});
