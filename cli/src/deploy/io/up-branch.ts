import { refuseBranch } from "../../branches/refusals.ts";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasStacks } from "../../pulumi/io/stacks.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { describeTarget, type Target } from "../../stages/io/target.ts";
import { type CloudStage, stampConflict } from "../cloud-stage.ts";
import { type StageStamp, stampOf, toAnnotation } from "../stamp.ts";
import { foreignSecret, otherProjectHint, type StageWork } from "./stage-work.ts";

export interface BranchStep {
  created: boolean;
  target: Target;
}

/** The stage's branch with an endpoint: made from main with the stamp on it, or found and proven to be this stage's. */
export async function upBranch(
  context: Pick<Runtime, "env" | "home" | "output"> &
    HasConfig &
    HasEnvFile &
    HasDeveloper &
    HasNeon &
    HasSecrets &
    HasStacks,
  work: StageWork,
): Promise<BranchStep> {
  const { neon, project, stage, config } = work;
  const [stamp] = await Promise.all([stampFor(context, work), refuseForeignSecret(context, work)]);
  const look = async () => {
    const [branches, endpoints] = await Promise.all([
      neon.listBranches(project.id),
      neon.listEndpoints(project.id),
    ]);
    return { branches, endpoints, branch: branches.find(({ name }) => name === stage.branch) };
  };
  let found = await look();
  const { expiresMs } = config.deploy;
  const created = found.branch === undefined && (await create());
  if (created || !found.branch) found = await look();
  if (!found.branch) {
    throw new DsError("CONFLICT", `the branch ${stage.branch} was deleted in this moment`, {
      hint: "Somebody takes the stage down. Run it again when that is over.",
    });
  }
  if (!created) refuseForeign(found.branch, work, stamp);
  if (!created && stampOf(found.branch.annotation) === undefined) {
    context.output.warn(
      `the branch ${stage.branch} was not made by ds deploy up, and the API takes a stamp at creation alone: ds db audit cannot tell whose it is`,
    );
  }
  if (!created) await prolong(found.branch);
  if (!readWriteEndpoint(found.endpoints, found.branch.id)) {
    const { id } = found.branch;
    await context.output.step(`Giving the branch ${stage.branch} an endpoint`, () =>
      neon.createEndpoint(project.id, id),
    );
    found = await look();
  }
  const current = { ...stage, source: "--target" as const, sourceText: "ds deploy" };
  const target = await describeTarget(context, { ...found, stage: current, project });
  return { created, target };

  /** False when somebody else was faster: what they made is looked at like any other. */
  async function create(): Promise<boolean> {
    const main = defaultBranch(found.branches, project);
    try {
      await context.output.step(`Creating the branch ${stage.branch} from ${main.name}`, () =>
        neon.createBranch(project.id, {
          name: stage.branch,
          parentId: main.id,
          annotation: toAnnotation(stamp),
          ...(expiresMs === undefined ? {} : { expiresAt: inTime(expiresMs) }),
        }),
      );
      return true;
    } catch (error) {
      if (toDsError(error).code === "CONFLICT") return false;
      throw error;
    }
  }

  /** The time runs from the last `up`; a tenth of it may pass before it is written anew. */
  async function prolong({ id, expiresAt }: Branch): Promise<void> {
    if (expiresMs === undefined) return;
    const left = expiresAt === undefined ? 0 : Date.parse(expiresAt) - Date.now();
    if (left > expiresMs * 0.9 && left <= expiresMs) return;
    await neon.updateBranch(project.id, id, { expiresAt: inTime(expiresMs) });
  }
}

/** To the second: the API takes no more. */
const inTime = (ms: number) =>
  new Date(Math.floor((Date.now() + ms) / 1000) * 1000).toISOString().replace(".000Z", "Z");

export async function stampFor(
  context: HasStacks,
  { config, stage, secretName }: StageWork,
): Promise<StageStamp> {
  const { owner, gitBranch, pullRequest } = stage;
  const stacks = config.infra && (await context.stacks());
  const known = await Promise.all([stacks?.fullName(stage.name), stacks?.backend()]).catch(
    (error) => {
      // The other steps do not need it; the stack's own will say what is missing.
      if (toDsError(error).code === "PREREQUISITE_MISSING") return [];
      throw error;
    },
  );
  const [stack, stackBackend] = known;
  return {
    ...{ stage: stage.name, owner, gitBranch, pullRequest },
    ...{ stack, stackBackend, secret: secretName },
  };
}

/** A branch of the same name that is another's, or whose stack is elsewhere, is never joined. */
export function refuseForeign(
  branch: Branch,
  { stage, config }: StageWork,
  mine: StageStamp,
): void {
  const shared = Object.values(config.stages).flatMap((one) => one.branch ?? []);
  refuseBranch(stage, branch, shared, "deployed");
  const stamp = stampOf(branch.annotation);
  if (!stamp) return;
  const conflict = stampConflict(stage, stamp);
  if (conflict) {
    throw new DsError(
      "CONFLICT",
      `the branch ${branch.name} is taken: ${conflict}. Nothing was changed.`,
      { hint: renameHint(stage), details: { branch: branch.id } },
    );
  }
  if (stamp.stackBackend && mine.stackBackend && stamp.stackBackend !== mine.stackBackend) {
    throw new DsError(
      "CONFLICT",
      `the stack of ${stage.name} is in the backend ${stamp.stackBackend}, and Pulumi uses ${mine.stackBackend}. Nothing was changed.`,
      {
        hint: `Log in to the one that has it (PULUMI_BACKEND_URL, pulumi login), or take the stage down there first.`,
      },
    );
  }
}

/** What another project has under the name is not overwritten. */
export async function refuseForeignSecret(context: HasSecrets, work: StageWork): Promise<void> {
  const foreign = await foreignSecret(context, work);
  if (foreign === undefined) return;
  throw new DsError("CONFLICT", `stage ${work.stage.name}: ${foreign}. Nothing was changed.`, {
    hint: `${otherProjectHint} If that project is gone for good: ds deploy down --force, then up again.`,
  });
}

const renameHint = ({ gitBranch }: CloudStage) =>
  gitBranch
    ? `Two names that differ only in their signs make one stage. Rename the git branch: git branch -m ${gitBranch} <another-name>`
    : "See whose it is: ds deploy list";
