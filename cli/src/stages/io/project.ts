import type { ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";

/** The project of this name or id; undefined when there is none, CONFLICT when there are several. */
export async function findProject(neon: Neon, nameOrId: string): Promise<Project | undefined> {
  const found = await neon.listProjects(nameOrId);
  const byId = found.find(({ id }) => id === nameOrId);
  if (byId) return byId;
  const [first, second] = found.filter(({ name }) => name === nameOrId);
  if (first && second) {
    throw new DsError(
      "CONFLICT",
      `there are several projects called "${nameOrId}": ${first.id}, ${second.id}`,
      {
        reason: "PROJECT_NAME_AMBIGUOUS",
        hint: "Put the id of the right one into ds.config.ts.",
      },
    );
  }
  return first;
}

export async function requireProject(
  neon: Neon,
  nameOrId: string,
  config: ProjectConfig,
): Promise<Project> {
  const found = await findProject(neon, nameOrId);
  if (found) return found;
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
