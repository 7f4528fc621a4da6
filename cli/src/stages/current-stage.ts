import {
  localStageName,
  type SharedStages,
  type Stage,
  type StageSource,
  stageNamed,
} from "./stage.ts";

export interface CurrentStage extends Stage {
  source: StageSource;
  /** For people: `DEVSTRIDE_STAGE in .env`. */
  sourceText: string;
}

export interface StageInputs {
  shared: SharedStages;
  /** Name of the variable, for messages. */
  variable: string;
  envFileName: string;
  target: string | undefined;
  fromEnvironment: string | undefined;
  fromEnvFile: string | undefined;
  /** Asked only when nothing else names a stage: finding a developer's name may start git. */
  developer: () => Promise<{ name: string; source: string }>;
}

/** `--target`, else the environment, else the env file, else `{developer}-local`. */
export async function currentStage(inputs: StageInputs): Promise<CurrentStage> {
  const { shared, target, fromEnvironment, fromEnvFile, variable } = inputs;
  const named = (name: string, source: StageSource, sourceText: string): CurrentStage => ({
    ...stageNamed(name, shared, sourceText),
    source,
    sourceText,
  });
  if (target !== undefined) return named(target, "--target", "--target");
  if (fromEnvironment) {
    return named(fromEnvironment, "environment", `${variable} in the environment`);
  }
  if (fromEnvFile) return named(fromEnvFile, "env file", `${variable} in ${inputs.envFileName}`);
  const { name, source } = await inputs.developer();
  return named(localStageName(name), "developer", `the developer name ${name} (${source})`);
}
