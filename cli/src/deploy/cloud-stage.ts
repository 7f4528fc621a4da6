import { DsError } from "../errors/ds-error.ts";
import {
  branchOfStage,
  cloudStageName,
  isPersonalStageName,
  type SharedStages,
  type Stage,
} from "../stages/stage.ts";
import type { ActionsRun } from "./github-actions.ts";
import type { StageStamp } from "./stamp.ts";

/** A stage of `ds deploy`, and what is known of where it comes from. */
export interface CloudStage extends Stage {
  branch: string;
  owner: string;
  gitBranch: string | undefined;
  pullRequest: number | undefined;
}

/** The developer of stages that CI makes. */
export const ciDeveloper = "ci";

export interface CloudStageInputs {
  shared: SharedStages;
  /** --stage */
  stage: string | undefined;
  /** --branch, or the argument. */
  branch: string | undefined;
  /** --pr */
  pullRequest: string | undefined;
  /** --developer or DS_DEVELOPER. */
  namedDeveloper: string | undefined;
  /** Whoever it is where nobody was named. */
  developer(): Promise<string>;
  /** The run of GitHub Actions that this is a part of. */
  actions: ActionsRun | undefined;
  /** The branch that is checked out. */
  gitBranch(): Promise<string | undefined>;
}

/** Which stage is meant; refuses whatever is not certain, as a wrong answer would take down somebody else's. */
export async function cloudStage(inputs: CloudStageInputs): Promise<CloudStage> {
  const { stage, pullRequest, shared } = inputs;
  const branch = inputs.branch?.replace(/^refs\/heads\//, "");
  if ([stage, branch, pullRequest].filter((given) => given !== undefined).length > 1) {
    throw new DsError("USAGE", "--stage, --branch and --pr each name the stage: give one of them");
  }
  if (stage !== undefined) return namedStage(stage, inputs);
  const owner = async () =>
    inputs.namedDeveloper ?? (inputs.actions ? ciDeveloper : await inputs.developer());
  if (pullRequest !== undefined) {
    const developer = inputs.namedDeveloper ?? ciDeveloper;
    return pullRequestStage(developer, pullRequestNumber(pullRequest), inputs);
  }
  if (branch !== undefined) {
    const developer = await owner();
    const number = /^pr-([1-9]\d{0,8})$/.exec(branch)?.[1];
    if (developer === ciDeveloper && number)
      return pullRequestStage(developer, Number(number), inputs);
    return checked({ ...base(developer, branch, shared), gitBranch: branch }, shared);
  }
  if (inputs.actions) {
    const developer = await owner();
    if (developer === ciDeveloper && inputs.actions.pullRequest !== undefined) {
      return pullRequestStage(developer, inputs.actions.pullRequest, inputs);
    }
    throw new DsError(
      "USAGE",
      developer === ciDeveloper
        ? `no pull request can be told for certain from this run (${inputs.actions.doubt})`
        : `in GitHub Actions the stage of ${developer} has to be named`,
      {
        ...(developer === ciDeveloper ? { reason: "NO_CERTAIN_PULL_REQUEST" } : {}),
        hint: "Pass --pr <number>, --branch <git-branch> or --stage <stage>. GITHUB_REF and the branch that is checked out are no substitute: after a merge both are the base branch's.",
      },
    );
  }
  const current = await inputs.gitBranch();
  if (current === undefined) {
    throw new DsError("USAGE", "no git branch is checked out here, so none names the stage", {
      hint: "Pass --branch <git-branch>, --pr <number> or --stage <stage>.",
    });
  }
  return checked({ ...base(await owner(), current, shared), gitBranch: current }, shared);
}

async function namedStage(
  name: string,
  { shared, namedDeveloper, developer }: CloudStageInputs,
): Promise<CloudStage> {
  if (Object.hasOwn(shared.stages, name) || name === "main") {
    throw new DsError(
      "REFUSED",
      `${name} is a shared stage: ds deploy is for those of one person or CI`,
      {
        hint: "Stages of ds deploy are named {developer}-{git-branch}, such as ci-pr-142.",
      },
    );
  }
  if (!isPersonalStageName(name)) {
    throw new DsError("USAGE", `"${name}" is not the name of a cloud stage`, {
      hint: "They are named {developer}-{git-branch}, such as phil-feature-auth or ci-pr-142: ds deploy list",
    });
  }
  const number = /^ci-pr-([1-9]\d{0,8})$/.exec(name)?.[1];
  const owner = namedDeveloper ?? (number ? ciDeveloper : await developer());
  if (!name.startsWith(`${owner}-`)) {
    throw new DsError("USAGE", `the stage ${name} is not one of ${owner}'s`, {
      hint: "If it is meant all the same, say whose it is: --developer <name>",
    });
  }
  const pullRequest = owner === ciDeveloper && number ? Number(number) : undefined;
  return checked({ ...stageOf(name, owner, shared), gitBranch: undefined, pullRequest }, shared);
}

function pullRequestStage(
  developer: string,
  number: number,
  { shared, actions }: CloudStageInputs,
): CloudStage {
  if (developer !== ciDeveloper) {
    throw new DsError("USAGE", `stages of pull requests are ${ciDeveloper}'s, not ${developer}'s`, {
      hint: `Leave out --developer, or name a git branch: --branch <git-branch>`,
    });
  }
  return {
    ...base(developer, `pr-${number}`, shared),
    pullRequest: number,
    gitBranch: actions?.pullRequest === number ? actions.headBranch : undefined,
  };
}

function pullRequestNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DsError("USAGE", `"${text}" is not the number of a pull request`, {
    hint: "It is a whole number, such as --pr 142.",
  });
}

const base = (developer: string, gitBranch: string, shared: SharedStages) =>
  stageOf(cloudStageName(developer, gitBranch), developer, shared);

const stageOf = (name: string, owner: string, shared: SharedStages) => ({
  name,
  kind: "personal" as const,
  project: shared.project,
  branch: branchOfStage(name),
  protected: false,
  owner,
  pullRequest: undefined,
});

/** A name that is somebody's local stage, or a shared one, is nobody's cloud stage. */
function checked(stage: CloudStage, shared: SharedStages): CloudStage {
  const from = stage.gitBranch
    ? `the git branch ${stage.gitBranch} would be the stage`
    : "the stage";
  if (stage.name.endsWith("-local")) {
    throw new DsError(
      "REFUSED",
      `${from} ${stage.name}: names that end in -local are local stages'`,
      {
        hint: stage.gitBranch
          ? `Rename it: git branch -m ${stage.gitBranch} <another-name>`
          : "ds db reset and ds db delete are for local stages.",
      },
    );
  }
  if (Object.hasOwn(shared.stages, stage.name)) {
    throw new DsError("REFUSED", `${from} ${stage.name}, which ds.config.ts declares as shared`);
  }
  return stage;
}

/** Why a branch of this name is not this stage's; undefined when it is, or says nothing. */
export function stampConflict(stage: CloudStage, stamp: StageStamp): string | undefined {
  if (stamp.stage !== stage.name) return `it was made for the stage ${stamp.stage}`;
  if (stamp.owner !== stage.owner) return `it is ${stamp.owner}'s`;
  // By --stage alone neither is known, and the name has to do.
  const known = stage.pullRequest !== undefined || stage.gitBranch !== undefined;
  if (known && stamp.pullRequest !== stage.pullRequest) {
    return stamp.pullRequest
      ? `it was made for the pull request ${stamp.pullRequest}`
      : `it was made for the git branch ${stamp.gitBranch}`;
  }
  // A pull request's head may be renamed; its number stays.
  if (stage.pullRequest !== undefined) return undefined;
  if (stage.gitBranch && stamp.gitBranch && stage.gitBranch !== stamp.gitBranch) {
    return `it was made for the git branch ${stamp.gitBranch}, not for ${stage.gitBranch}`;
  }
  return undefined;
}
