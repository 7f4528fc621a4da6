import { DsError } from "../../errors/ds-error.ts";
import type { Neon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint, Project } from "../../neon/model.ts";
import type { Output } from "../../runtime/output.ts";

export interface EnsuredBranch {
  created: boolean;
  branches: Branch[];
  endpoints: Endpoint[];
}

/** The branch with a read-write endpoint, forked from main when it is not there. */
export async function ensureBranch(
  output: Output,
  neon: Neon,
  project: Project,
  name: string,
): Promise<EnsuredBranch> {
  const list = async () => {
    const [branches, endpoints] = await Promise.all([
      neon.listBranches(project.id),
      neon.listEndpoints(project.id),
    ]);
    return { branches, endpoints };
  };
  let found = await list();
  let created = false;
  if (!found.branches.some((branch) => branch.name === name)) {
    const main = defaultBranch(found.branches, project);
    created = await output.step(`Creating the branch ${name} from ${main.name}`, () =>
      createOnce(neon, project, name, main),
    );
    found = await list();
  }
  const branch = found.branches.find((entry) => entry.name === name);
  if (branch && !readWriteEndpoint(found.endpoints, branch.id)) {
    await output.step(`Giving the branch ${name} an endpoint`, () =>
      neon.createEndpoint(project.id, branch.id),
    );
    found = await list();
  }
  return { created, ...found };
}

/** False when somebody else was faster: that branch is as good as ours. */
async function createOnce(
  neon: Neon,
  project: Project,
  name: string,
  main: Branch,
): Promise<boolean> {
  try {
    await neon.createBranch(project.id, { name, parentId: main.id });
    return true;
  } catch (error) {
    if (error instanceof DsError && error.code === "CONFLICT") return false;
    throw error;
  }
}
