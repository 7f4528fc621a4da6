import { join } from "node:path";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { once } from "../../../lib/async/once.ts";
import { readRegularFile } from "../../../lib/io/regular-file.ts";
import { homeDirectory } from "../../../lib/process/environment.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { fileBackendPath, shownBackend } from "../output.ts";
import { pulumiIn, type RunPulumi } from "./run-pulumi.ts";

export type InfraConfig = NonNullable<ProjectConfig["infra"]>;

/** A Pulumi program, and where its stacks are kept. Nothing is started before something is asked. */
export interface Program {
  readonly pulumi: RunPulumi;
  /** Ends what Pulumi is at, and waits. */
  readonly signal: AbortSignal;
  readonly infra: InfraConfig;
  /** Name of the Pulumi project. */
  readonly project: string;
  /** URL of the backend, without anything that opens it. */
  backend(): Promise<string>;
  /** Folder of a backend that is one; undefined for every other kind. */
  backendFolder(): Promise<string | undefined>;
  organization(): Promise<string>;
  /** The name by which the whole backend knows the stage's stack, whether it exists or not. */
  fullName(stage: string): Promise<string>;
}

export async function openProgram(
  context: Pick<Runtime, "env" | "signal">,
  infra: InfraConfig,
): Promise<Program> {
  const project = await projectName(infra.folder);
  const pulumi = pulumiIn(infra.folder, context);
  const url = once(async () => {
    const { stdout } = await pulumi.run("asking Pulumi for its backend", ["whoami", "--json"]);
    return (JSON.parse(stdout) as { url: string }).url;
  });
  const organization = once(async () => {
    if (!/^https?:/.test(await url())) return "organization";
    if (infra.organization) return infra.organization;
    const asked = ["org", "get-default"];
    return (await pulumi.run("asking Pulumi for the organization", asked)).stdout.trim();
  });
  return {
    pulumi,
    signal: context.signal,
    infra,
    project,
    backend: async () => shownBackend(await url()),
    backendFolder: async () =>
      fileBackendPath(await url(), { home: homeDirectory(context.env), cwd: infra.folder }),
    organization,
    fullName: async (stage) => `${await organization()}/${project}/${stage}`,
  };
}

/** The name in Pulumi.yaml: the first thing that every project file says. */
async function projectName(folder: string): Promise<string> {
  for (const file of ["Pulumi.yaml", "Pulumi.yml"]) {
    const text = readRegularFile(join(folder, file))?.toString("utf8") ?? "";
    const name = /^name:\s*["']?([\w.-]+)["']?\s*(#.*)?$/m.exec(text)?.[1];
    if (name) return name;
  }
  throw new DsError("CONFIG_INVALID", `${folder} has no Pulumi.yaml with a name in it`, {
    hint: "`infra.folder` in ds.config.ts is the folder of a Pulumi program.",
  });
}
