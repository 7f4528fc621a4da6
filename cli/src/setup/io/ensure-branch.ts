import { DsError } from "../../errors/ds-error.ts";
import type { Neon } from "../../neon/io/client.ts";
import { branchNamed, defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint, Project } from "../../neon/model.ts";
import type { Output } from "../../runtime/output.ts";
import { type OwnerNote, ownerAnnotation } from "../../stages/owner-note.ts";
import { branchOfStage } from "../../stages/stage.ts";

export interface EnsuredBranch {
  created: boolean;
  branches: Branch[];
  endpoints: Endpoint[];
}

export interface WantedBranch {
  name: string;
  /** What is written on it when it is made. */
  note: OwnerNote;
  /** Name or id of the branch that it forks from, or of the stage; undefined: main. */
  from: string | undefined;
}

/** The branch with a read-write endpoint, made when it is not there. */
export async function ensureBranch(
  output: Output,
  neon: Neon,
  project: Project,
  { name, note, from }: WantedBranch,
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
    const parent =
      from === undefined
        ? defaultBranch(found.branches, project)
        : branchOrStage(found.branches, from, project.name);
    created = await output.step(`Creating the branch ${name} from ${parent.name}`, () =>
      createOnce(neon, project, { name, note, parent }),
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
  { name, note, parent }: { name: string; note: OwnerNote; parent: Branch },
): Promise<boolean> {
  const annotation = ownerAnnotation(note);
  try {
    await neon.createBranch(project.id, { name, parentId: parent.id, annotation });
    return true;
  } catch (error) {
    if (error instanceof DsError && error.code === "CONFLICT") return false;
    throw error;
  }
}

/** NOT_FOUND where there is neither. */
function branchOrStage(branches: Branch[], name: string, project: string): Branch {
  const ofStage = branches.find((branch) => branch.name === branchOfStage(name));
  const isBranch = branches.some((branch) => branch.name === name || branch.id === name);
  return isBranch || ofStage === undefined ? branchNamed(branches, name, project) : ofStage;
}
