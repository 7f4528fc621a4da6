import { DsError } from "../../errors/ds-error.ts";
import { isLocalAllowed } from "../../lib/process/environment.ts";
import type { Change, Changes } from "../../runtime/changes.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { SecretStore } from "./secret-store.ts";

/** Where secrets are kept: `region` is the store's, where it is AWS'. */
export interface SecretSettings {
  store: "file" | "aws";
  region: string | undefined;
}

/** The store that the configuration names; its module, and the AWS SDK, are loaded only now. */
export async function openSecretStore(
  context: Pick<Runtime, "env" | "home" | "local" | "output" | "signal">,
  { store, region }: SecretSettings,
): Promise<SecretStore> {
  if (store === "file") refuseFilesInCi(context);
  const opened =
    store === "aws"
      ? await (await import("./aws-store.ts")).openAwsSecrets(region, context.signal)
      : await (await import("./file-store.ts")).openFileSecrets(context);
  return noting(opened, context.output.changes);
}

/** Where the job's own engine has the branches, all of it is gone with the job, and nobody is left to miss them. */
function refuseFilesInCi({ env, local }: Pick<Runtime, "env" | "local">): void {
  if (local || isLocalAllowed(env)) return;
  throw new DsError(
    "CONFIG_INVALID",
    "the secrets of cloud stages would be in files that are gone with this CI job",
    {
      reason: "FILE_SECRETS_IN_CI",
      hint: 'Name a store in ds.config.ts: secrets: { store: "aws" }. For a stage that is thrown away with the job: --local, or DS_LOCAL=1.',
    },
  );
}

/** Notes what is changed, for an interrupt. */
function noting(store: SecretStore, changes: Changes): SecretStore {
  const becomes = (name: string, what: string): Change => ({
    done: `the secret ${name} was ${what}`,
    unclear: `the secret ${name} may have been ${what}`,
  });
  return {
    ...store,
    put: (name, value) => changes.during(becomes(name, "stored"), () => store.put(name, value)),
    delete: (name, when) =>
      changes.during(becomes(name, "deleted"), () => store.delete(name, when)),
  };
}
