import { throwIf } from "../../lib/engine-error.ts";
import { newDataDir } from "../../model/ids.ts";
import type { BranchRecord, EndpointRecord, OperationRecord } from "../../model/records.ts";
import type { Begun } from "../../under-way/io/background-work.ts";
import { newOperation } from "../../under-way/io/operations.ts";
import type { BranchBundle } from "../api-types.ts";
import { completedBranch, pendingBranch } from "../branch-records.ts";
import { refuseName } from "../branch-rules.ts";
import { currentBranch } from "./branch-sql.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import { forkBranch } from "./fork-branch.ts";
import type { Takes } from "./services.ts";
import type { WantedBranch } from "./wanted-branch.ts";

type BeginServices = Takes<
  | "catalog"
  | "records"
  | "locks"
  | "operations"
  | "data"
  | "computes"
  | "contents"
  | "listeners"
  | "history"
  | "recovery"
>;

/**
 * A branch of a parent that is copied for long. Its record is made first: an engine that is killed knows by it what to
 * take back, and the branch is answered as one that is being made. Its data holds everything that was committed
 * before the request, and may hold what was committed until the copy was made.
 */
export async function beginBranch(
  services: BeginServices,
  wanted: WantedBranch,
): Promise<Begun<BranchBundle>> {
  const { catalog, records, computes, operations: log } = services;
  const { project, parentId } = wanted;
  const began = new Date().toISOString();
  const parent = await currentBranch(services, project.id, parentId);
  const dataDir = newDataDir();
  const planned = pendingBranch(parent, dataDir, wanted.branch, []);
  computes.add(planned);
  let bundle: BranchBundle;
  try {
    bundle = await commitPending(services, wanted, planned, began);
  } catch (error) {
    await discardBranch(services, planned);
    throw error;
  }
  const { branch, operations } = bundle;
  for (const operation of operations) await log.begin(operation);
  return {
    answer: bundle,
    operations,
    rest: async (tell) => {
      const what = { projectId: project.id, operationIds: idsOf(operations), source: parent.name };
      const onProgress = (copiedBytes: number, totalBytes: number) =>
        tell({ ...what, copiedBytes, totalBytes });
      const into = { dataDir, onProgress };
      await fillBranch(services, branch.id, parentId, into);
    },
    undo: async () => {
      await catalog.commit(() => ({ removedBranches: [records.anyBranch(branch.id)] }));
      await discardBranch(services, branch);
    },
  };
}

async function commitPending(
  services: BeginServices,
  { project, endpoints: inputs }: WantedBranch,
  planned: BranchRecord,
  began: string,
): Promise<BranchBundle> {
  const { catalog } = services;
  const endpoints: EndpointRecord[] = [];
  for (const input of inputs) {
    endpoints.push(await openEndpoint(services, project, planned.id, input));
  }
  const operations = operationsOfCreation({ branch: planned, endpoints }, began);
  const pending = { kind: "create" as const, operationIds: idsOf(operations) };
  const branch = { ...planned, pending };
  await catalog.commit(() => {
    throwIf(refuseName(catalog.branchesOf(project.id), branch.name));
    return { branches: [{ branch, endpoints }] };
  });
  return { branch, endpoints, operations };
}

async function fillBranch(
  services: BeginServices,
  branchId: string,
  parentId: string,
  into: { dataDir: string; onProgress: (copied: number, total: number) => void },
): Promise<void> {
  const { catalog, records, computes, history } = services;
  const compute = computes.of(branchId);
  const fork = await compute.whileStopped(async () => {
    try {
      const made = await forkBranch(services, parentId, undefined, { into });
      await catalog.commit(() => {
        const [branch, parent] = [records.anyBranch(branchId), records.anyBranch(parentId)];
        return { branches: [catalog.withEndpoints(completedBranch(branch, parent, made))] };
      });
      return made;
    } catch (error) {
      // Whoever waits for it must not start a server on what was never whole.
      void compute.retire();
      throw error;
    }
  });
  history.takeFirst(branchId, fork);
}

/** What tells of the creation of a branch. */
export function operationsOfCreation(
  { branch, endpoints }: Pick<BranchBundle, "branch" | "endpoints">,
  began: string,
): OperationRecord[] {
  const at = { projectId: branch.projectId, branchId: branch.id };
  return [
    newOperation({ ...at, action: "create_branch" }, began),
    ...endpoints.map(({ id }) =>
      newOperation({ ...at, endpointId: id, action: "start_compute" }, began),
    ),
  ];
}

const idsOf = (operations: OperationRecord[]): string[] => operations.map(({ id }) => id);
