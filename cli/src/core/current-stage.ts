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
  const { shared, target, fromEnvironment, fromEnvFile } = inputs;
  if (target !== undefined) {
    return { ...stageNamed(target, shared), source: "--target", sourceText: "--target" };
  }
  if (fromEnvironment) {
    return {
      ...stageNamed(fromEnvironment, shared),
      source: "environment",
      sourceText: `${inputs.variable} in the environment`,
    };
  }
  if (fromEnvFile) {
    return {
      ...stageNamed(fromEnvFile, shared),
      source: "env file",
      sourceText: `${inputs.variable} in ${inputs.envFileName}`,
    };
  }
  const developer = await inputs.developer();
  return {
    ...stageNamed(localStageName(developer.name), shared),
    source: "developer",
    sourceText: `the developer name ${developer.name} (${developer.source})`,
  };
}
