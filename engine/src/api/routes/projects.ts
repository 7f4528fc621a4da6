import { Hono } from "hono";
import type { z } from "zod";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import { preloadLibraries } from "../../model/preload-libraries.ts";
import type { ProjectRecord } from "../../model/records.ts";
import type { ApiEnv } from "../requests/env.ts";
import { cursorPagination, page } from "../requests/paging.ts";
import { projectCreate, projectsQuery, projectUpdate } from "../requests/project-schemas.ts";
import { idParam, readBody, readQuery } from "../requests/read.ts";
import { owner } from "../responses/account.ts";
import { connectionUris } from "../responses/connection-uri.ts";
import { orgIdOf, projectListItemResponse, projectResponse } from "../responses/project.ts";
import {
  branchResponse,
  databaseResponse,
  endpointResponse,
  newRoleResponse,
  operationResponse,
} from "../responses/records.ts";
import { sizingInput } from "./endpoints.ts";

export const projects = new Hono<ApiEnv>();

projects.get("/projects", (c) => {
  const query = readQuery(c, projectsQuery);
  const controlPlane = c.get("controlPlane");
  const isOf = (project: ProjectRecord) =>
    query.org_id === undefined || orgIdOf(project) === query.org_id;
  // A deleted project is gone, so there is none to recover.
  const all = query.recoverable ? [] : controlPlane.listProjects();
  const found = all.filter(isOf).filter(matches(query.search));
  const taken = page(found, {
    position: positionOf,
    order: "desc",
    limit: query.limit,
    cursor: query.cursor,
  });
  return c.json({
    projects: taken.items.map((project) => projectListItemResponse(project, controlPlane)),
    applications: {},
    integrations: {},
    ...cursorPagination(taken),
  });
});

const positionOf = ({ createdAt, id }: ProjectRecord) => ({ key: createdAt, id });

function matches(search: string | undefined): (project: ProjectRecord) => boolean {
  const wanted = search?.toLowerCase() ?? "";
  return ({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted);
}

projects.get("/projects/shared", (c) => {
  const { cursor } = readQuery(c, projectsQuery);
  const none = page<ProjectRecord>([], { position: positionOf, order: "desc", cursor });
  return c.json({ projects: none.items });
});

projects.post("/projects", async (c) => {
  const { project: wanted } = await readBody(c, projectCreate);
  const controlPlane = c.get("controlPlane");
  const { defaultEndpointSettings, ...others } = changes(wanted);
  const { autoscaling_limit_min_cu, autoscaling_limit_max_cu } = wanted;
  const { project, branch, endpoints, operations } = await controlPlane.createProject(
    withoutUndefined({
      ...others,
      // The API has an older place for the sizes too; what stands at the newer one wins.
      defaultEndpointSettings: {
        ...sizingInput({ autoscaling_limit_min_cu, autoscaling_limit_max_cu }),
        ...defaultEndpointSettings,
      },
      pgVersion: wanted.pg_version,
      regionId: wanted.region_id,
      provisioner: wanted.provisioner,
      orgId: wanted.org_id,
      storePasswords: wanted.store_passwords,
      branchName: wanted.branch?.name,
      roleName: wanted.branch?.role_name,
      databaseName: wanted.branch?.database_name,
      annotation: wanted.branch?.annotations,
    }),
  );
  return c.json(
    {
      project: projectResponse(project, controlPlane),
      branch: branchResponse(branch, controlPlane),
      endpoints: endpoints.map((endpoint) => endpointResponse(endpoint, controlPlane)),
      roles: branch.roles.map((role) => newRoleResponse(role, branch.id)),
      databases: branch.databases.map((database) => databaseResponse(database, branch.id)),
      operations: operations.map(operationResponse),
      connection_uris: connectionUris(endpoints, branch.roles, branch.databases),
    },
    201,
  );
});

projects.get("/projects/:project", (c) => {
  const controlPlane = c.get("controlPlane");
  const project = controlPlane.getProject(idParam(c, "project"));
  return c.json({ project: { ...projectResponse(project, controlPlane), owner } });
});

projects.patch("/projects/:project", async (c) => {
  const id = idParam(c, "project");
  const { project: wanted } = await readBody(c, projectUpdate);
  const controlPlane = c.get("controlPlane");
  const { project, operations } = await controlPlane.updateProject(id, changes(wanted));
  return c.json({
    project: projectResponse(project, controlPlane),
    operations: operations.map(operationResponse),
  });
});

projects.delete("/projects/:project", async (c) => {
  const id = idParam(c, "project");
  const controlPlane = c.get("controlPlane");
  // Afterwards there is nothing left to look up for the answer.
  const project = projectResponse(controlPlane.getProject(id), controlPlane);
  await controlPlane.deleteProject(id);
  return c.json({ project });
});

projects.get("/projects/:project/available_preload_libraries", (c) => {
  const controlPlane = c.get("controlPlane");
  const { id, pgVersion } = controlPlane.getProject(idParam(c, "project"));
  const preloadable = controlPlane.preloadable(id);
  const libraries = preloadLibraries.filter(({ name }) => preloadable.includes(name));
  return c.json({
    libraries: libraries.map(({ name, description, isDefault }) => ({
      library_name: name,
      description,
      is_default: isDefault,
      is_experimental: false,
      version: String(pgVersion),
    })),
  });
});

type Changes = z.output<typeof projectUpdate>["project"];

function changes(wanted: Changes) {
  const { default_endpoint_settings: defaults, settings } = wanted;
  return withoutUndefined({
    name: wanted.name,
    historyRetentionSeconds: wanted.history_retention_seconds,
    settings: settings && withoutUndefined(settings),
    defaultEndpointSettings:
      defaults && sizingInput({ ...defaults, settings: { pg_settings: defaults.pg_settings } }),
  });
}
