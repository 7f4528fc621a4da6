import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Runtime } from "../../../runtime/runtime.ts";
import { noPassphrase } from "../errors.ts";
import type { Program } from "./program.ts";

/**
 * Refuses where Pulumi would have no passphrase for the stack's secrets, which it says only when it needs one. Pulumi
 * Cloud keeps them by itself, and so does a provider of keys that the configuration or the stack's own file names.
 */
export async function checkPassphrase(
  { env }: Pick<Runtime, "env">,
  program: Program,
  stage: string,
): Promise<void> {
  if (env.PULUMI_CONFIG_PASSPHRASE !== undefined) return;
  if (env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined) return;
  if (/^https?:/.test(await program.backend())) return;
  const file = join(program.infra.folder, `Pulumi.${stage}.yaml`);
  const text = await readFile(file, "utf8").catch(() => "");
  const provider = /^secretsprovider:\s*["']?([^"'\s]+)/m.exec(text)?.[1];
  const used = provider ?? program.infra.secretsProvider ?? "passphrase";
  if (used === "passphrase") throw noPassphrase(`the stack ${stage} cannot be opened`);
}
