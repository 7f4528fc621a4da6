import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { Fork } from "../../model/fork.ts";
import { newBranchId, newBranchName } from "../../model/ids.ts";
import { momentOf, type PointInTime } from "../../model/point-in-time.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../../model/records.ts";
import type { BranchBundle, CreateBranchInput } from "../api-types.ts";
import { forkedBranch } from "../branch-records.ts";
import { refuseExpiry, refuseName } from "../branch-rules.ts";
import { refuseEndpoints } from "../endpoint-rules.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import { forkBranch } from "./fork-branch.ts";
import { copySchemas, emptyFork, schemaOnlyBranch } from "./schema-only.ts";
import type { Takes } from "./services.ts";

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
>;

/** What a new branch is to be, by the rules that hold when it is asked for. */
interface Wanted {
  project: ProjectRecord;
  parentId: string;
  branch: Parameters<typeof forkedBranch>[2];
  schemaOnly: boolean;
  moment: PointInTime | undefined;
  endpoints: CreateBranchInput["endpoints"];
}

export async function createBranch(
  services: CreateServices,
  projectId: string,
  input: CreateBranchInput,
): Promise<BranchBundle> {
  const wanted = readWanted(services, projectId, input);
  for (const { pgSettings } of input.endpoints) {
    await services.settingsCheck.check(wanted.project.pgVersion, pgSettings);
  }
  return services.locks.with({ shared: [wanted.parentId] }, async () => {
    const began = new Date().toISOString();
    const fork = await forkParent(services, wanted);
    const { branch, endpoints } = await makeBranch(services, wanted, fork);
    // One that is to be masked gets its past when it is: nothing may lead back to before.
    if (!branch.anonymization) services.history.takeFirst(branch.id, fork);
    const at = { projectId, branchId: branch.id };
    const operations = [await services.operations.add({ ...at, action: "create_branch" }, began)];
    for (const { id } of endpoints) {
      const action = "start_compute";
      operations.push(await services.operations.add({ ...at, endpointId: id, action }, began));
    }
    return { branch, endpoints, operations };
  });
}

function readWanted(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  input: CreateBranchInput,
): Wanted {
  const project = records.project(projectId);
  const parent = input.parentId
    ? records.branch(projectId, input.parentId)
    : records.defaultBranch(projectId);
  const name = input.name ?? newBranchName();
  const isProtected = input.protected ?? false;
  throwIf(refuseName(catalog.branchesOf(projectId), name));
  const moment = momentOf(input.parentLsn, input.parentTimestamp);
  if (input.expiresAt) throwIf(refuseExpiry({ default: false, protected: isProtected }, []));
  const schemaOnly = input.initSource === "schema-only";
  if (schemaOnly && moment) {
    throw unprocessable(
      "PAST_SCHEMA_UNSUPPORTED",
      "a schema-only branch has the schema of the present: make a branch from that moment first, and this one from it",
    );
  }
  throwIf(refuseEndpoints(input.endpoints));
  const branch = {
    id: newBranchId(),
    name,
    protected: isProtected,
    ...(input.expiresAt ? { expiresAt: input.expiresAt } : {}),
    ...(input.annotation ? { annotation: input.annotation } : {}),
    ...(input.anonymization ? { anonymization: input.anonymization } : {}),
  };
  return { project, parentId: parent.id, branch, schemaOnly, moment, endpoints: input.endpoints };
}

function forkParent(services: CreateServices, wanted: Wanted): Promise<Fork> {
  const { parentId, project, schemaOnly, moment } = wanted;
  if (!schemaOnly) return forkBranch(services, parentId, moment);
  const { computes, data, postgres } = services;
  const template = postgres.template(project.pgVersion);
  return emptyFork(computes.of(parentId), async () => data.copyOf(await template.path()));
}

/** Makes a branch of the fork and commits it; when that fails, the fork is gone, too. */
async function makeBranch(
  services: CreateServices,
  wanted: Wanted,
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
