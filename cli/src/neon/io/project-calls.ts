import type { raw } from "@neon/sdk";
import { toProject } from "../from-api.ts";
import type { Project } from "../model.ts";
import { type NeonReader, path, withQuery } from "./reader.ts";
import { creating, deleting, type NeonWriter } from "./writer.ts";

export interface ProjectCalls {
  /** Projects whose name or id contains the text; all of them without it. */
  listProjects(search?: string): Promise<Project[]>;
  createProject(input: { name: string; branchName?: string }): Promise<Project>;
  renameProject(projectId: string, name: string): Promise<void>;
  deleteProject(projectId: string): Promise<void>;
}

type ProjectPage = raw.ProjectsResponse & raw.PaginationResponse;

export function projectCalls(reader: NeonReader, writer: NeonWriter): ProjectCalls {
  return {
    listProjects: async (search) => {
      const question = withQuery(path`/projects`, { search });
      const pages = await reader.pages<ProjectPage>("listing projects", question, "projects");
      return pages.flatMap(({ projects }) => projects.map(toProject));
    },
    createProject: async ({ name, branchName }) => {
      const branch = branchName ? { branch: { name: branchName } } : {};
      const made = await writer.change(creating(`the project ${name}`), (neon, options) =>
        neon.createProject({ ...options, body: { project: { name, ...branch } } }),
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
      await writer.change(deleting(`the project ${projectId}`), (neon, options) =>
        neon.deleteProject({ ...options, path: { project_id: projectId } }),
      );
    },
  };
}
