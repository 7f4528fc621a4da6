import { runIsOver } from "../../branches/io/ephemeral.ts";
import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { plural } from "../../lib/format/plural.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import { describeOrganization, type Organization } from "../../neon/organization.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { requireProject } from "../../stages/io/project.ts";
import type { HasTarget, Target } from "../../stages/io/target.ts";
import { describeBinding } from "../../stages/project-binding.ts";
import { examineDatabase } from "./database.ts";
import { examineEngine } from "./engine.ts";
import { examineEnvValues } from "./env-values.ts";
import type { Examination } from "./examination.ts";

/** The API and its engine, the stage's branch, and what the env file says of it. */
export async function examineServers(
  context: Runtime & HasConfig & HasEnvFile & HasTarget & HasNeon & HasEngine,
  examination: Examination,
  config: ProjectConfig | undefined,
): Promise<void> {
  const api = await examination.check("api", context, async () => {
    const neon = await context.neon();
    // Every key may ask for its organizations, or is refused: one that is not accepted fails.
    const organizations = await neon.organizations();
    examination.ok(
      "api",
      `${neon.url}${neon.local ? ", the local engine" : ofWhich(organizations)}`,
    );
    return neon;
  });
  if (api?.local) {
    await examination.check("engine", context, () => examineEngine(context, examination));
  }
  const bound = await examination.check("project", api && config, async (known) => {
    const project = await requireProject(context, known.project);
    examination.ok(
      "project",
      `${project.name} (${project.id}), ${describeBinding(project.binding)}`,
    );
    if (api !== undefined) await examinePlan(api, examination, project);
    return known;
  });
  const stage = await examination.check("branch", bound, async (known) => {
    const target = await context.target();
    const { branch, project } = target;
    const { name, sourceText } = target.stage;
    examination.ok("branch", `${branch.name} of ${project.name}, stage ${name} (${sourceText})`);
    return { target, config: known };
  });
  await examination.check("database", stage, (found) =>
    examineDatabase(context, examination, found),
  );
  await examination.check("env values", stage, (found) =>
    examineEnvValues(context, examination, found),
  );
  if (stage !== undefined) examineLeftovers(context, examination, stage.target);
}

/** How many of the branches that the plan allows there are, where the API tells. */
async function examinePlan(
  api: Neon,
  examination: Examination,
  { id, name }: Project,
): Promise<void> {
  const [plan, branches] = await Promise.all([api.planOf(id), api.listBranches(id)]);
  if (plan.branches === undefined) return;
  const of = plan.name === undefined ? "" : `, plan ${plan.name}`;
  const says = `${branches.length} of ${plural(plan.branches, "branch", "branches")} of ${name} used${of}`;
  if (branches.length < plan.branches) return examination.ok("plan", says);
  examination.warn("plan", says, "Delete what is stale: ds db audit. Or take a larger plan.");
}

function ofWhich(organizations: readonly Organization[] | undefined): string {
  const [only, ...others] = organizations ?? [];
  if (only === undefined) return "";
  return others.length > 0
    ? `, ${plural(others.length + 1, "organization")}`
    : `, organization ${describeOrganization(only)}`;
}

function examineLeftovers(
  { home }: Pick<Runtime, "home">,
  examination: Examination,
  { branches, project }: Target,
): void {
  const left = branches.filter(({ name }) => runIsOver(home, name)).map(({ name }) => name);
  if (left.length === 0) examination.ok("leftovers", `none of killed runs in ${project.name}`);
  else {
    examination.warn(
      "leftovers",
      `killed runs have left ${left.join(", ")}`,
      "The next run of their kind removes them; at once: ds db audit",
    );
  }
}
