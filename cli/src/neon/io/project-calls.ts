import { setTimeout as sleep } from "node:timers/promises";
import type { raw } from "@neon/sdk";
import { DsError } from "../../errors/ds-error.ts";
import { toPlan, toProject } from "../from-api.ts";
import type { Plan, Project } from "../model.ts";
import { type NeonReader, path, withQuery } from "./reader.ts";
import { creating, deleting, type NeonWriter } from "./writer.ts";

export interface ProjectCalls {
  /** Projects whose name or id contains the text; all of them without it. In the organization of the API key. */
  listProjects(search?: string): Promise<Project[]>;
  /** Undefined where there is none of this id, or the API key may not see it. */
  getProject(projectId: string): Promise<Project | undefined>;
  planOf(projectId: string): Promise<Plan>;
  /** In the organization of the API key. @param input `name`: one that no project has */
  createProject(input: { name: string; branchName?: string }): Promise<Project>;
  renameProject(projectId: string, name: string): Promise<void>;
  deleteProject(projectId: string): Promise<void>;
}

type ProjectPage = raw.ProjectsResponse & raw.PaginationResponse;

/** Id of the organization that a request has to name; undefined where the API key says it. */
type OrganizationOf = () => Promise<string | undefined>;

/** What a request has begun may be seen only a little later. */
const settlingMs = 1_000;

export function projectCalls(
  reader: NeonReader,
  writer: NeonWriter,
  organization: OrganizationOf,
): ProjectCalls {
  return {
    listProjects: async (search) =>
      (await projectsOf(reader, await organization(), search)).map(toProject),
    getProject: async (projectId) => {
      try {
        return toProject(await projectOf(reader, projectId));
      } catch (error) {
        if (isUnseen(error)) return undefined;
        throw error;
      }
    },
    planOf: async (projectId) => toPlan(await projectOf(reader, projectId)),
    createProject: async ({ name, branchName }) => {
      const branch = branchName ? { branch: { name: branchName } } : {};
      const org = await organization();
      const project = { name, ...branch, ...(org ? { org_id: org } : {}) };
      const made = await writer.change<{
        project: Pick<raw.Project, "id" | "name" | "pg_version">;
      }>(
        creating(`the project ${name}`),
        (neon, options) => neon.createProject({ ...options, body: { project } }),
        async (now) => {
          const look = async () =>
            (await projectsOf(now, org, name)).find((each) => each.name === name);
          let found = await look();
          // Of a second request the API would make a second project.
          if (found === undefined) {
            await sleep(settlingMs);
            found = await look();
          }
          return found && { project: found };
        },
      );
      return toProject(made.project);
    },
    renameProject: async (projectId, name) => {
      await writer.change({ what: `renaming the project ${projectId}` }, (neon, options) =>
        neon.updateProject({
          ...options,
          path: { project_id: projectId },
          body: { project: { name } },
        }),
      );
    },
    deleteProject: async (projectId) => {
      await writer.change<object>(
        deleting(`the project ${projectId}`),
        (neon, options) => neon.deleteProject({ ...options, path: { project_id: projectId } }),
        async (now) => {
          try {
            await projectOf(now, projectId);
            return undefined;
          } catch (error) {
            if (error instanceof DsError && error.code === "NOT_FOUND") return {};
            throw error;
          }
        },
      );
    },
  };
}

async function projectOf(reader: NeonReader, projectId: string): Promise<raw.Project> {
  const what = `reading the project ${projectId}`;
  return (await reader.get<raw.ProjectResponse>(what, path`/projects/${projectId}`)).project;
}

async function projectsOf(
  reader: NeonReader,
  organization: string | undefined,
  search?: string,
): Promise<raw.ProjectListItem[]> {
  const question = withQuery(path`/projects`, { search, org_id: organization, limit: 400 });
  const pages = await reader.pages<ProjectPage>("listing projects", question, "projects");
  return pages.flatMap(({ projects }) => projects);
}

/** Which projects there are besides its own, nobody is told. */
const isUnseen = (error: unknown): boolean =>
  error instanceof DsError && (error.code === "NOT_FOUND" || error.reason === "API_KEY_FORBIDDEN");
