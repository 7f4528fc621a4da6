import { DsError } from "../../errors/ds-error.ts";
import { withinLength } from "../../lib/text/slug.ts";
import { branchOfStage } from "../../stages/stage.ts";

const longestName = 30;
/** What a stage's name has room for (`branchOfStage` adds four). */
const longestStage = 59;

/** A name that somebody chose for a run, or USAGE. */
export function checkAgentName(name: string): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && name.length <= longestName) return name;
  throw new DsError(
    "USAGE",
    `"${name}" cannot name an agent: at most ${longestName} lower-case letters, digits and single hyphens`,
    { reason: "NAME_INVALID", hint: "Such as: ds agent exec --name try-index -- <command>" },
  );
}

/** `pat-agent-try-index` and `dev-pat-agent-try-index`: a personal stage, so that every command takes it. */
export function agentStage(developer: string, name: string): { stage: string; branch: string } {
  const stage = withinLength(`${developer}-agent-${name}`, longestStage);
  return { stage, branch: branchOfStage(stage) };
}
