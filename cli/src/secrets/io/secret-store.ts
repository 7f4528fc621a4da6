import type { Secret, SecretChange } from "../secret.ts";
import { projectOfSecret } from "../value.ts";

/** Where the connection strings of cloud stages are kept. Names are exact, values are text. */
export interface SecretStore {
  readonly kind: "file" | "aws";
  /** For people: `AWS Secrets Manager, eu-central-1`. */
  readonly description: string;
  /** Undefined when there is none, or when it waits for its deletion. */
  get(name: string): Promise<string | undefined>;
  /** Writes only what differs; one that waits for its deletion is restored. */
  put(name: string, value: string): Promise<SecretChange>;
  /** `absent`: there was none, or it was waiting for its deletion already. */
  delete(name: string, when: { recoveryDays: number } | "now"): Promise<"deleted" | "absent">;
  /** What is known of one secret without reading it; undefined when there is none. */
  find(name: string): Promise<Secret | undefined>;
  /** All whose names begin with the prefix, those that wait for their deletion included. */
  list(prefix: string): Promise<Secret[]>;
}

/**
 * The other project that has a secret of this name. One store may serve several of a name: of the cloud, and of
 * every local engine.
 */
export async function otherOwner(
  store: Pick<SecretStore, "get">,
  name: string,
  projectId: string,
): Promise<string | undefined> {
  const owner = projectOfSecret(await store.get(name));
  return owner === projectId ? undefined : owner;
}

export interface HasSecrets {
  /** Where cloud stages keep their connection strings. */
  secrets(): Promise<SecretStore>;
}
