import { DsError } from "../../errors/ds-error.ts";
import { ago } from "../../lib/format/ago.ts";
import { branchNamed, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint, Project } from "../../neon/model.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { describeMoment, type PointInTime } from "../../neon/point-in-time.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type ProjectSources, requireProject } from "../../stages/io/project.ts";
import { limitRefusal } from "../limits.ts";
import { type Maker, makerAnnotation } from "../made-by.ts";

export interface NewBranch {
  name: string;
  /** Name or id; default: the project's default branch. */
  from: string | undefined;
  /** The parent as it was then. */
  at: PointInTime | undefined;
  /** Milliseconds; default: for good. */
  ttl: number | undefined;
  endpoint: boolean;
  /** Written on it. */
  maker: Maker;
  /** One that has the name already will do. */
  ifAbsent?: boolean;
}

export interface CreatedBranch {
  created: boolean;
  project: Project;
  branch: Branch;
  parent: Branch | undefined;
  endpoint: Endpoint | undefined;
}

/** Makes a branch by hand in the configuration's project; CONFLICT when its name is taken. */
export async function createBranch(
  context: Pick<Runtime, "output"> & ProjectSources,
  { name, from, at, ttl, endpoint, maker, ifAbsent = false }: NewBranch,
): Promise<CreatedBranch> {
  const config = await context.config();
  const api = await context.neon();
  const project = await requireProject(context, config.project);
  const branches = await api.listBranches(project.id);
  const parent = from
    ? branchNamed(branches, from, project.name)
    : branches.find((branch) => branch.default);
  const there = async (all: Branch[]): Promise<CreatedBranch | undefined> => {
    const branch = ifAbsent ? all.find((each) => each.name === name) : undefined;
    if (branch === undefined) return undefined;
    const its = all.find(({ id }) => id === branch.parentId);
    const endpoints = await api.listEndpoints(project.id);
    const found = readWriteEndpoint(endpoints, branch.id);
    return { created: false, project, branch, parent: its, endpoint: found };
  };
  const before = await there(branches);
  if (before !== undefined) return before;
  if (branches.some((branch) => branch.name === name)) {
    throw new DsError("CONFLICT", `the project ${project.name} already has a branch ${name}`, {
      reason: "BRANCH_NAME_TAKEN",
      hint: "Choose another name, or look at what there is: ds db branches",
    });
  }
  const refusal = limitRefusal(maker.owner, branches, parent, config.limits);
  if (refusal) throw refusal;
  if (parent?.expiresAt !== undefined) {
    context.output.note(
      `${parent.name} expires ${ago(parent.expiresAt, Date.now())}, but stays as long as ${name} forks from it`,
    );
  }
  const then = at ? ` as it was at ${describeMoment(at, new Date())}` : "";
  const branch = await context.output
    .step(`Creating the branch ${name} from ${parent?.name}${then}`, () =>
      api.createBranch(project.id, {
        name,
        endpoint,
        annotation: makerAnnotation(maker),
        ...(at ? { at } : {}),
        ...(parent ? { parentId: parent.id } : {}),
        ...(ttl === undefined ? {} : { expiresAt: new Date(Date.now() + ttl).toISOString() }),
      }),
    )
    .catch(async (error) => {
      // Somebody else was faster.
      const isTaken = ifAbsent && error instanceof DsError && error.code === "CONFLICT";
      const made = isTaken ? await there(await api.listBranches(project.id)) : undefined;
      if (made !== undefined) return made;
      throw at ? outsideHistory(error, at) : error;
    });
  if ("created" in branch) return branch;
  const made = endpoint
    ? readWriteEndpoint(await api.listEndpoints(project.id), branch.id)
    : undefined;
  return { created: true, project, branch, parent, endpoint: made };
}
