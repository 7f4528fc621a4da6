import { DsError } from "../errors/ds-error.ts";
import type { Branch, Endpoint, Project } from "./model.ts";

/** A branch by its name or id; NOT_FOUND otherwise. */
export function branchNamed(branches: Branch[], name: string, project: string): Branch {
  const found = branches.find((branch) => branch.name === name || branch.id === name);
  if (found) return found;
  throw new DsError("NOT_FOUND", `the project ${project} has no branch "${name}"`, {
    reason: "BRANCH_NOT_FOUND",
    hint: "See which there are: ds db branches",
  });
}

export function defaultBranch(branches: Branch[], project: Project): Branch {
  const found = branches.find((branch) => branch.default);
  if (found) return found;
  throw new DsError("NOT_FOUND", `the project ${project.name} has no default branch`, {
    reason: "BRANCH_NOT_FOUND",
  });
}

export function readWriteEndpoint(endpoints: Endpoint[], branchId: string): Endpoint | undefined {
  return endpoints.find(
    (endpoint) => endpoint.branchId === branchId && endpoint.type === "read_write",
  );
}
