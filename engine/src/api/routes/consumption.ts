import { type Context, Hono } from "hono";
import type { ProjectRecord } from "../../model/records.ts";
import {
  branchConsumptionQuery,
  projectConsumptionQuery,
  projectConsumptionV2Query,
} from "../requests/consumption-schemas.ts";
import type { ApiEnv } from "../requests/env.ts";
import { cursorPagination, page } from "../requests/paging.ts";
import { readQuery } from "../requests/read.ts";
import { orgIdOf } from "../responses/project.ts";

/** What was consumed. Nothing is metered on one's own machine, so no project has a period. */
export const consumption = new Hono<ApiEnv>();

const lists = ["project_ids", "branch_ids", "metrics"];

interface Wanted {
  project_ids?: string[] | undefined;
  org_id?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

function projectsOf(c: Context<ApiEnv>, { project_ids = [], org_id }: Wanted): ProjectRecord[] {
  return c
    .get("controlPlane")
    .listProjects()
    .filter(({ id }) => project_ids.length === 0 || project_ids.includes(id))
    .filter((project) => org_id === undefined || orgIdOf(project) === org_id);
}

function onePage<Item extends { id: string; createdAt: string }>(items: Item[], wanted: Wanted) {
  const { cursor, limit } = wanted;
  const position = ({ createdAt, id }: Item) => ({ key: createdAt, id });
  return page(items, { position, order: "asc", limit, cursor });
}

function projectsAnswer(c: Context<ApiEnv>, wanted: Wanted) {
  const taken = onePage(projectsOf(c, wanted), wanted);
  const projects = taken.items.map(({ id }) => ({ project_id: id, periods: [] }));
  return c.json({ projects, ...cursorPagination(taken) });
}

consumption.get("/consumption_history/projects", (c) =>
  projectsAnswer(c, readQuery(c, projectConsumptionQuery, lists)),
);

consumption.get("/consumption_history/v2/projects", (c) =>
  projectsAnswer(c, readQuery(c, projectConsumptionV2Query, lists)),
);

consumption.get("/consumption_history/v2/branches", (c) => {
  const query = readQuery(c, branchConsumptionQuery, lists);
  const { branch_ids = [] } = query;
  const branches = projectsOf(c, query)
    .flatMap(({ id }) => c.get("controlPlane").listBranches(id))
    .filter(({ id }) => branch_ids.length === 0 || branch_ids.includes(id));
  const taken = onePage(branches, query);
  return c.json({
    branches: taken.items.map(({ id, projectId }) => ({
      project_id: projectId,
      branch_id: id,
      periods: [],
    })),
    ...cursorPagination(taken),
  });
});
