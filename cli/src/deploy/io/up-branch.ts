import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint } from "../../neon/model.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { describeTarget, type Target } from "../../stages/io/target.ts";
import type { Deployment } from "../deployment.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";
import { refuseToJoin } from "../refusals.ts";
import { stampOf, toAnnotation } from "../stamp.ts";
import { refuseForeignSecret } from "./foreign-secret.ts";
import { stampFor } from "./stamp-of-run.ts";

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
  deployment: Deployment,
): Promise<BranchStep> {
  const { project, stage } = deployment;
  const [config, neon] = [await context.config(), await context.neon()];
  const [stamp] = await Promise.all([
    stampFor(context, deployment),
    refuseForeignSecret(context, deployment),
  ]);
  let found = await look(neon, deployment);
  const wanted = { annotation: toAnnotation(stamp), ...expiry(config) };
  const created =
    found.branch === undefined &&
    (await createBranch(context, deployment, defaultBranch(found.branches, project), wanted));
  if (created || !found.branch) found = await look(neon, deployment);
  if (!found.branch) {
    throw new DsError("CONFLICT", `the branch ${stage.branch} was deleted in this moment`, {
      reason: "BRANCH_DELETED_MEANWHILE",
      hint: "Somebody takes the stage down. Run it again when that is over.",
    });
  }
  if (!created) {
    refuseToJoin(stage, found.branch, config, stamp);
    if (stampOf(found.branch.annotation) === undefined) {
      context.output.warn(
        `the branch ${stage.branch} was not made by ds deploy up, and the API takes a stamp at creation alone: ds db audit cannot tell whose it is`,
      );
    }
    await prolong(neon, found.branch, config);
  }
  if (!readWriteEndpoint(found.endpoints, found.branch.id)) {
    const { id } = found.branch;
    await context.output.step(`Giving the branch ${stage.branch} an endpoint`, () =>
      neon.createEndpoint(project.id, id),
    );
    found = await look(neon, deployment);
  }
  const current = { ...stage, source: "--target" as const, sourceText: "ds deploy" };
  const target = await describeTarget(context, { ...found, stage: current, project });
  return { created, target };
}

interface Found {
  branches: Branch[];
  endpoints: Endpoint[];
  branch: Branch | undefined;
}

async function look(neon: Neon, { project, stage }: Deployment): Promise<Found> {
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  return { branches, endpoints, branch: branches.find(({ name }) => name === stage.branch) };
}

/** False when somebody else was faster: what they made is looked at like any other. */
async function createBranch(
  context: Pick<Runtime, "output"> & HasNeon,
  { project, stage }: Deployment,
  main: Branch,
  wanted: { annotation: Record<string, string>; expiresAt?: string },
): Promise<boolean> {
  const neon = await context.neon();
  try {
    await context.output.step(`Creating the branch ${stage.branch} from ${main.name}`, () =>
      neon.createBranch(project.id, { name: stage.branch, parentId: main.id, ...wanted }),
    );
    return true;
  } catch (error) {
    if (toDsError(error).code === "CONFLICT") return false;
    throw error;
  }
}

/** The time runs from the last `up`; a tenth of it may pass before it is written anew. */
async function prolong(neon: Neon, branch: Branch, config: ProjectConfig): Promise<void> {
  const { expiresMs } = config.deploy;
  if (expiresMs === undefined) return;
  const { expiresAt } = branch;
  const left = expiresAt === undefined ? 0 : Date.parse(expiresAt) - Date.now();
  if (left > expiresMs * 0.9 && left <= expiresMs) return;
  await neon.updateBranch(branch.projectId, branch.id, expiry(config));
}

/** To the second: the API takes no more. */
function expiry({ deploy: { expiresMs } }: ProjectConfig): { expiresAt?: string } {
  if (expiresMs === undefined) return {};
  const at = new Date(Math.floor((Date.now() + expiresMs) / 1000) * 1000);
  return { expiresAt: at.toISOString().replace(".000Z", "Z") };
}
