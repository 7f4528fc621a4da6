import type { raw } from "@neon/sdk";
import type { Branch, Endpoint, Plan, Project, Snapshot } from "./model.ts";

// The API's shapes in the words of this code base.

export function toProject(
  project: Pick<raw.ProjectListItem, "id" | "name" | "pg_version">,
): Project {
  return { id: project.id, name: project.name, pgVersion: project.pg_version };
}

export function toPlan({ owner }: Pick<raw.Project, "owner">): Plan {
  const limit = owner?.branches_limit ?? 0;
  // The local engine has no plans: what it names as the limit is only large.
  if (owner?.subscription_type === "UNKNOWN") return { name: undefined, branches: undefined };
  return { name: owner?.subscription_type, branches: limit > 0 ? limit : undefined };
}

export function toBranch(branch: raw.Branch, annotation: Branch["annotation"] = {}): Branch {
  return {
    id: branch.id,
    projectId: branch.project_id,
    name: branch.name,
    parentId: branch.parent_id,
    parentTimestamp: branch.parent_timestamp,
    createdAt: branch.created_at,
    updatedAt: branch.updated_at,
    expiresAt: branch.expires_at,
    lastResetAt: branch.last_reset_at,
    protected: branch.protected,
    default: branch.default,
    state: branch.current_state,
    logicalSizeBytes: branch.logical_size,
    // The local engine has the field without a name.
    createdBy: branch.created_by?.name || undefined,
    annotation,
  };
}

export function toEndpoint(endpoint: raw.Endpoint): Endpoint {
  return {
    id: endpoint.id,
    branchId: endpoint.branch_id,
    host: endpoint.host,
    type: endpoint.type,
    state: endpoint.current_state,
    disabled: endpoint.disabled,
    lastActiveAt: endpoint.last_active,
  };
}

export function toSnapshot(snapshot: raw.Snapshot): Snapshot {
  return {
    id: snapshot.id,
    name: snapshot.name,
    branchId: snapshot.source_branch_id,
    at: snapshot.timestamp,
    createdAt: snapshot.created_at,
    expiresAt: snapshot.expires_at,
    sizeBytes: snapshot.full_size,
  };
}
