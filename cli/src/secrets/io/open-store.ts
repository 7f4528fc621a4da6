import type { Runtime } from "../../runtime/runtime.ts";
import type { SecretStore } from "./secret-store.ts";

/** Where secrets are kept: `region` is the store's, where it is AWS'. */
export interface SecretSettings {
  store: "file" | "aws";
  region: string | undefined;
}

/** The store that the configuration names; its module, and the AWS SDK, are loaded only now. */
export async function openSecretStore(
  context: Pick<Runtime, "home" | "signal">,
  { store, region }: SecretSettings,
): Promise<SecretStore> {
  if (store === "aws") {
    return (await import("./aws-store.ts")).openAwsSecrets(region, context.signal);
  }
  return (await import("./file-store.ts")).openFileSecrets(context);
}
