import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import { apiHost } from "../../neon/io/credentials.ts";
import type { Project } from "../../neon/model.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { BoundProject } from "../project-binding.ts";
import { notBound, type Unbound } from "../project-binding.ts";
import { openBonds } from "./bonds.ts";

export type ProjectSources = Pick<Runtime, "env" | "home" | "signal"> & HasConfig & HasNeon;

/**
 * The project of this name or id; undefined when there is none. One that only has the name, and is not bound to
 * this repository, is refused.
 */
export async function findProject(
  context: ProjectSources,
  nameOrId: string,
): Promise<BoundProject | undefined> {
  const config = await context.config();
  const neon = await context.neon();
  const isOwn = nameOrId === config.project;
  const given = isOwn ? projectIdVariable(context) : undefined;
  if (given !== undefined) return await givenProject(context, neon, config, given);
  const isInferred = isOwn && config.inferred !== undefined;
  if (!isInferred && idShape.test(nameOrId)) {
    const project = await neon.getProject(nameOrId);
    if (project) return { ...project, binding: { by: "config-id", repository: null, since: null } };
  }
  const bonds = await openBonds(context, { neon, config, isInferred });
  const own = await bonds.own(nameOrId);
  if (own !== undefined) return own;
  for (const name of [nameOrId, ...(isOwn ? (config.inferred?.otherNames ?? []) : [])]) {
    const found = await neon.listProjects(name);
    const named = found.filter((project) => project.name === name);
    let unbound: Unbound | undefined;
    for (const project of named) {
      const met = await bonds.meet(project, name);
      if ("binding" in met) return met;
      unbound ??= met;
    }
    // An earlier ds may have given somebody else's package the name.
    if (named[0] === undefined || unbound === undefined || name !== nameOrId) continue;
    if (named[1] !== undefined) throw ambiguous(name, named);
    throw notBound(named[0], unbound, { isInferred, ownName: bonds.otherName(name) });
  }
  return undefined;
}

export async function requireProject(
  context: ProjectSources,
  nameOrId: string,
): Promise<BoundProject> {
  const found = await findProject(context, nameOrId);
  if (found) return found;
  const [config, neon] = [await context.config(), await context.neon()];
  const seeded = Object.values(config.stages).some(
    ({ project, seed }) => project === nameOrId && seed,
  );
  throw new DsError("NOT_FOUND", `there is no project "${nameOrId}" at ${neon.url}`, {
    reason: "PROJECT_NOT_FOUND",
    hint:
      nameOrId === config.project
        ? "Create it, and your branch: ds setup"
        : seeded && neon.local
          ? "It is made, with its seed in ds.config.ts, by the first: ds db refresh-staging"
          : "Is its name right under `stages` in ds.config.ts, and may this API key see it?",
  });
}

/** Binds this repository to a project that somebody names by its id, instead of what it was bound to. */
export async function joinProject(context: ProjectSources, id: string): Promise<BoundProject> {
  const config = await context.config();
  const neon = await context.neon();
  const project = await neon.getProject(id);
  if (project === undefined) throw await noSuchId(neon, id, "--project");
  // One of a shared stage, such as production's, goes by the name that the stage has for it.
  const isStage = Object.values(config.stages).some((stage) => stage.project === project.name);
  const name = isStage ? project.name : config.project;
  const byId = idShape.test(name) ? await neon.getProject(name) : undefined;
  if (byId !== undefined && byId.id !== id) {
    throw new DsError("USAGE", `--project is ${id}, but ds.config.ts names the project ${name}`, {
      hint: "Change the id in ds.config.ts, or leave --project out",
    });
  }
  return await bindProject(context, project, name);
}

/** Binds this repository to a project, under the name that its configuration has for it. */
export async function bindProject(
  context: ProjectSources,
  project: Project,
  name: string,
): Promise<BoundProject> {
  const config = await context.config();
  const isInferred = name === config.project && config.inferred !== undefined;
  const bonds = await openBonds(context, { neon: await context.neon(), config, isInferred });
  return await bonds.bind(project, name);
}

/** Words and a number, as Neon and the engine make ids. */
const idShape = /^[a-z]+(-[a-z]+)+-\d+$/;

/** NEON_PROJECT_ID, which counts where NEON_API_HOST does. */
const projectIdVariable = ({ env }: Pick<Runtime, "env">): string | undefined =>
  apiHost({ env }) === undefined ? undefined : env.NEON_PROJECT_ID?.trim() || undefined;

/** A variable may be left in a shell from work on another repository. */
async function givenProject(
  context: ProjectSources,
  neon: Neon,
  config: ProjectConfig,
  id: string,
): Promise<BoundProject> {
  const project = await neon.getProject(id);
  if (project === undefined) throw await noSuchId(neon, id, "NEON_PROJECT_ID");
  const bonds = await openBonds(context, { neon, config, isInferred: false }).catch((error) => {
    // Where git does not tell the repository, the id has to do: so it is in a container of CI.
    if (error instanceof DsError && error.reason === "GIT_FAILED") return undefined;
    throw error;
  });
  const others = bonds?.boundElsewhere(project);
  if (bonds !== undefined && others !== undefined) {
    throw notBound(project, others, {
      isInferred: config.inferred !== undefined,
      ownName: bonds.otherName(config.project),
    }).with({
      hint: `NEON_PROJECT_ID names it. Unset that; or, to work with this project from here, run: ds setup --project ${id}`,
    });
  }
  return { ...project, binding: { by: "environment-id", repository: null, since: null } };
}

async function noSuchId(neon: Neon, id: string, source: string): Promise<DsError> {
  return new DsError("NOT_FOUND", `${source} is ${id}, and ${neon.url} has no project of that id`, {
    reason: "PROJECT_NOT_FOUND",
    hint: whichThereAre(await listed(neon)),
  });
}

function whichThereAre(all: Project[] | undefined): string {
  if (all === undefined) return "Is the id right, and may this API key see the project?";
  if (all.length === 0) {
    return "It has no project at all. To make one, leave the id out and run: ds setup";
  }
  const list = all.slice(0, 10).map(({ id, name }) => `${id} (${name})`);
  return `It has: ${list.join(", ")}${all.length > list.length ? ", ..." : ""}`;
}

/** Undefined where the API key may not list projects, as one of a single project, or not without an organization. */
async function listed(neon: Neon): Promise<Project[] | undefined> {
  try {
    return await neon.listProjects();
  } catch (error) {
    const isRefused =
      error instanceof DsError &&
      (error.code === "CREDENTIALS" || error.reason === "ORGANIZATION_UNCLEAR");
    if (isRefused) return undefined;
    throw error;
  }
}

function ambiguous(name: string, projects: Project[]): DsError {
  const ids = projects.map(({ id }) => id);
  return new DsError("CONFLICT", `there are several projects called "${name}": ${ids.join(", ")}`, {
    reason: "PROJECT_NAME_AMBIGUOUS",
    hint: `Choose one for this repository: ds setup --project ${ids[0]}`,
  });
}
