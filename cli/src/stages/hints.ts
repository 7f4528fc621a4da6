import { plural } from "../lib/format/plural.ts";
import { shellWord } from "../lib/text/shell-quote.ts";
import type { CurrentStage } from "./current-stage.ts";
import { developerOfStage } from "./stage.ts";

/**
 * What to do about a stage whose branch is not there: the command that makes this branch, and not another.
 * `setAside`: how many data directories the engine keeps that no record refers to.
 */
export function missingBranchHint(stage: CurrentStage, ownProject: string, setAside = 0): string {
  const make = howToMake(stage, ownProject);
  if (setAside === 0) return make;
  const held = `The engine has set aside ${plural(setAside, "data directory", "data directories")}`;
  return `${held}, perhaps this branch's: look first with ds engine quarantine list. ${make}`;
}

function howToMake(stage: CurrentStage, ownProject: string): string {
  const { branch, kind, name, project, source } = stage;
  const here = project === ownProject;
  if (branch === undefined || kind === "shared") {
    const make =
      here && branch !== undefined ? `, or make it: ds db create ${shellWord(branch)}` : "";
    return `ds.config.ts says that ${name} is this branch. Correct it under \`stages\`${make}`;
  }
  const developer = developerOfStage(name);
  const make =
    stage.isOwn === true
      ? "ds setup"
      : developer === undefined
        ? `ds db create ${branch}; or, as a cloud stage: ds deploy up --stage ${name}`
        : `ds setup --developer ${developer}`;
  if (source === "--target") return `See which there are: ds db branches. To create it: ${make}`;
  const leave = {
    environment: `. For the stage of this checkout: unset ${stage.sourceText.replace(/ in the environment$/, "")}`,
    "env file": developer === undefined ? `. For your own stage: ds setup` : "",
    developer: "",
  }[source];
  return `Create it: ${make}${leave}`;
}

/** What to do about a branch that has no endpoint. `ds setup` gives one to its own branch alone. */
export function missingEndpointHint(
  stage: CurrentStage,
  branch: { name: string; projectId: string },
): string {
  const developer = stage.kind === "personal" ? developerOfStage(stage.name) : undefined;
  if (stage.isOwn === true) return "Give it one: ds setup";
  if (developer !== undefined && stage.branch === branch.name && stage.sourceText !== "--branch") {
    return `Give it one: ds setup --developer ${developer}`;
  }
  const name = shellWord(branch.name);
  return `Make a branch of it that has one: ds db create <name> --from ${name}. Or give it one with Neon's command: neon branches add-compute ${name} --project-id ${branch.projectId}`;
}
