import { throwIf } from "../../lib/engine-error.ts";
import type { Fork } from "../../model/fork.ts";
import type { BranchRecord, EndpointRecord } from "../../model/records.ts";
import type { Begun } from "../../under-way/io/background-work.ts";
import type { BranchBundle, CreateBranchInput } from "../api-types.ts";
import { forkedBranch } from "../branch-records.ts";
import { refuseName } from "../branch-rules.ts";
import { beginBranch, operationsOfCreation } from "./begin-branch.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import { forkBranch } from "./fork-branch.ts";
import { copySchemas, emptyFork, schemaOnlyBranch } from "./schema-only.ts";
import type { Takes } from "./services.ts";
import { readWanted, type WantedBranch } from "./wanted-branch.ts";

type CreateServices = Takes<
  | "catalog"
  | "records"
  | "locks"
  | "operations"
  | "data"
  | "computes"
  | "listeners"
  | "history"
  | "recovery"
  | "postgres"
  | "settingsCheck"
  | "background"
  | "contents"
>;

export async function createBranch(
  services: CreateServices,
  projectId: string,
  input: CreateBranchInput,
): Promise<BranchBundle> {
  const wanted = readWanted(services, projectId, input);
  for (const { pgSettings } of input.endpoints) {
    await services.settingsCheck.check(wanted.project.pgVersion, pgSettings);
  }
  const { id, name } = wanted.branch;
  return services.background.begin({
    what: `creating the branch ${name}`,
    branchIds: [id],
    want: { shared: [wanted.parentId], exclusive: [id] },
    prepare: () => prepareBranch(services, wanted),
  });
}

async function prepareBranch(
  services: CreateServices,
  wanted: WantedBranch,
): Promise<Begun<BranchBundle>> {
  const { parentId, schemaOnly, moment } = wanted;
  const { dataDir } = services.records.anyBranch(parentId);
  const isPlain = !schemaOnly && !moment && !wanted.branch.anonymization;
  if (isPlain && (await services.data.takesLong(dataDir))) return beginBranch(services, wanted);

  const began = new Date().toISOString();
  const fork = await forkParent(services, wanted);
  const { branch, endpoints } = await makeBranch(services, wanted, fork);
  // One that is to be masked gets its past when it is: nothing may lead back to before.
  if (!branch.anonymization) services.history.takeFirst(branch.id, fork);
  const operations = operationsOfCreation({ branch, endpoints }, began);
  for (const operation of operations) await services.operations.begin(operation);
  return { answer: { branch, endpoints, operations }, operations };
}

function forkParent(services: CreateServices, wanted: WantedBranch): Promise<Fork> {
  const { parentId, project, schemaOnly, moment } = wanted;
  if (!schemaOnly) return forkBranch(services, parentId, moment);
  const { computes, data, postgres } = services;
  const template = postgres.template(project.pgVersion);
  return emptyFork(computes.of(parentId), async () => data.copyOf(await template.path()));
}

/** Makes a branch of the fork and commits it; when that fails, the fork is gone, too. */
async function makeBranch(
  services: CreateServices,
  wanted: WantedBranch,
  fork: Fork,
): Promise<{ branch: BranchRecord; endpoints: EndpointRecord[] }> {
  const { catalog, records, computes } = services;
  const { project, parentId, schemaOnly } = wanted;
  const recordOf = schemaOnly ? schemaOnlyBranch : forkedBranch;
  const branch = recordOf(records.branch(project.id, parentId), fork, wanted.branch);
  const compute = computes.add(branch);
  const endpoints: EndpointRecord[] = [];
  try {
    if (schemaOnly) await copySchemas(computes.of(parentId), compute, branch);
    for (const input of wanted.endpoints) {
      endpoints.push(await openEndpoint(services, project, branch.id, input));
    }
    await catalog.commit(() => {
      // Somebody may have taken the name while the data was copied.
      throwIf(refuseName(catalog.branchesOf(project.id), branch.name));
      return { branches: [{ branch, endpoints }] };
    });
  } catch (error) {
    await discardBranch(services, branch);
    throw error;
  }
  return { branch, endpoints };
}
