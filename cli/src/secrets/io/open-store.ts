import type { Context } from "../../app-context.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import type { SecretStore } from "./secret-store.ts";

/** The store that the configuration names; its module, and the AWS SDK, are loaded only now. */
export async function openSecretStore(
  context: Pick<Context, "home" | "signal">,
  { secrets }: ProjectConfig,
): Promise<SecretStore> {
  if (secrets.store === "aws") {
    return (await import("./aws-store.ts")).openAwsSecrets(secrets.region, context.signal);
  }
  return (await import("./file-store.ts")).openFileSecrets(context);
}
