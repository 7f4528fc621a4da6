import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import { newBranchId, newBranchName } from "../../model/ids.ts";
import { momentOf, type PointInTime } from "../../model/point-in-time.ts";
import type { ProjectRecord } from "../../model/records.ts";
import type { CreateBranchInput } from "../api-types.ts";
import type { forkedBranch } from "../branch-records.ts";
import { refuseExpiry, refuseName } from "../branch-rules.ts";
import { refuseEndpoints } from "../endpoint-rules.ts";
import type { Takes } from "./services.ts";

/** What a new branch is to be, by the rules that hold when it is asked for. */
export interface WantedBranch {
  project: ProjectRecord;
  parentId: string;
  branch: Parameters<typeof forkedBranch>[2];
  schemaOnly: boolean;
  moment: PointInTime | undefined;
  endpoints: CreateBranchInput["endpoints"];
}

export function readWanted(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  input: CreateBranchInput,
): WantedBranch {
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
