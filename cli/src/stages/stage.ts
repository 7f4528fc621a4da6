import { DsError } from "../errors/ds-error.ts";
import { slug, withinLength } from "../lib/text/slug.ts";

/** Names must fit a Postgres identifier, a DNS label and a Pulumi stack alike. */
const longestName = 63;
const branchPrefix = "dev-";
export const longestStage = longestName - branchPrefix.length;
/** Leaves room for the git branch behind it. */
const longestDeveloper = 30;
export const slugShape = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Would make a personal stage read like a shared one. */
const reservedDevelopers = new Set(["dev", "prod", "main", "local"]);

export interface Stage {
  /** `phil-local`, `dev`, `main` ... */
  name: string;
  kind: "personal" | "shared";
  /** Name or id of the project it lives in. */
  project: string;
  /** Name of its branch; undefined: the project's default branch. */
  branch: string | undefined;
  /** The branch that is meant where that one is not there: one that has the very name, made by hand. */
  orBranch?: string;
  /** Shared stages: nothing destructive, whatever the API says of the branch. */
  protected: boolean;
}

export type StageSource = "--target" | "environment" | "env file" | "developer";

export interface SharedStages {
  /** Project of personal stages. */
  project: string;
  stages: Record<string, { project: string; branch: string | undefined }>;
}

/** A developer's name out of free text such as git's user.name; undefined when nothing usable is left. */
export function developerFrom(text: string): string | undefined {
  const name = withinLength(slug(text), longestDeveloper, text);
  return name === "" || reservedDevelopers.has(name) ? undefined : name;
}

/** A name that somebody chose must already be right: guessing could land on a colleague's branch. */
export function checkDeveloper(name: string, source: string): string {
  const suggestion = developerFrom(name);
  const hint = suggestion
    ? `Try ${suggestion}.`
    : "Use lower-case letters, digits and single hyphens, such as phil or anna-b.";
  if (reservedDevelopers.has(name)) {
    throw new DsError("USAGE", `the developer name "${name}" (${source}) is reserved`, {
      reason: "NAME_RESERVED",
      hint: "Use another one, such as phil or anna-b.",
    });
  }
  if (!slugShape.test(name) || name.length > longestDeveloper) {
    throw new DsError(
      "USAGE",
      `"${name}" (${source}) is not a developer name: at most ${longestDeveloper} lower-case letters, digits and single hyphens`,
      { reason: "NAME_INVALID", hint },
    );
  }
  return name;
}

export const localStageName = (developer: string): string => `${developer}-local`;

/** `feature/auth-v2` of phil -> `phil-feature-auth-v2`. */
export function cloudStageName(developer: string, gitBranch: string): string {
  const branch = slug(gitBranch);
  if (branch === "") {
    throw new DsError("USAGE", `no stage can be named after the git branch "${gitBranch}"`, {
      reason: "NAME_INVALID",
      hint: "Use a branch name with a letter or a digit in it, or pass --target.",
    });
  }
  return withinLength(`${developer}-${branch}`, longestStage, `${developer}/${gitBranch}`);
}

export const branchOfStage = (stage: string): string => `${branchPrefix}${stage}`;

/** The stage of a branch that `ds` made; undefined for anybody else's. */
export function stageOfBranch(branch: string): string | undefined {
  const stage = branch.startsWith(branchPrefix) ? branch.slice(branchPrefix.length) : "";
  return isPersonalStageName(stage) ? stage : undefined;
}

/** `{developer}-{something}`, within the length that a branch name allows. */
export function isPersonalStageName(name: string): boolean {
  return slugShape.test(name) && name.includes("-") && name.length <= longestStage;
}

/** The developer of a local stage; of others only the creator knows. */
export function developerOfStage(stage: string): string | undefined {
  return /^(.+)-local$/.exec(stage)?.[1];
}

/**
 * What a name given by a person or a file stands for; `main` is every project's default branch.
 *
 * @param source where the name was read, for the message of an unknown one
 */
export function stageNamed(name: string, shared: SharedStages, source?: string): Stage {
  const declared = Object.hasOwn(shared.stages, name) ? shared.stages[name] : undefined;
  if (declared) {
    const { project, branch } = declared;
    return { name, kind: "shared", project, branch, protected: true };
  }
  if (name === "main") {
    return { name, kind: "shared", project: shared.project, branch: undefined, protected: true };
  }
  if (!isPersonalStageName(name)) throw unknownStage(name, shared, source);
  return {
    name,
    kind: "personal",
    project: shared.project,
    branch: branchOfStage(name),
    protected: false,
  };
}

/**
 * What `--target` or an env file names: a stage, or a branch by its own name, as `ds db create` gave it. The name of a
 * checkout's stage means no branch of that name: before its set-up it would lead elsewhere.
 */
export function stageOrBranchNamed(name: string, shared: SharedStages, source?: string): Stage {
  if (Object.hasOwn(shared.stages, name) || name === "main")
    return stageNamed(name, shared, source);
  const declared = Object.entries(shared.stages).find(
    ([, { project, branch }]) => project === shared.project && branch === name,
  );
  if (declared) return stageNamed(declared[0], shared, source);
  if (!isPersonalStageName(name)) {
    if (!isBranchName(name)) throw unknownStage(name, shared, source);
    const { project } = shared;
    return { name, kind: "personal", project, branch: name, protected: false };
  }
  const stage = stageNamed(name, shared, source);
  const isCheckouts = name.endsWith("-local") && stageOfBranch(name) === undefined;
  return isCheckouts ? stage : { ...stage, orBranch: name };
}

const isBranchName = (name: string) =>
  name !== "" && name === name.trim() && name.length <= 256 && !/\p{Cc}/u.test(name);

/** The stage of a branch that was found by a stage's name or its own. */
export function stageOfFound(
  stage: Stage,
  branch: { name: string; default: boolean; protected: boolean },
): Stage {
  if (stage.branch === undefined || stage.kind === "shared") return stage;
  const name = stageOfBranch(branch.name) ?? branch.name;
  return {
    ...stage,
    name,
    branch: branch.name,
    kind: branch.default ? "shared" : "personal",
    protected: stage.protected || branch.default,
  };
}

/** The branch that a stage stands for; undefined where it is not there. */
export function branchOfStageIn<B extends { name: string; default: boolean }>(
  { branch, orBranch }: Pick<Stage, "branch" | "orBranch">,
  branches: readonly B[],
): B | undefined {
  if (branch === undefined) return branches.find((each) => each.default);
  const named = (name: string) => branches.find((each) => each.name === name);
  return named(branch) ?? (orBranch === undefined ? undefined : named(orBranch));
}

function unknownStage(name: string, shared: SharedStages, source: string | undefined): DsError {
  const names = [...Object.keys(shared.stages), "main"].join(", ");
  return new DsError("NOT_FOUND", `there is no stage "${name}"${source ? ` (${source})` : ""}`, {
    reason: "STAGE_UNKNOWN",
    hint: `Stages are named {developer}-local or {developer}-{git-branch}; shared ones here: ${names}.`,
  });
}
