import type { ControlPlane } from "../../control-plane/api.ts";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type {
  Anonymization,
  BranchRecord,
  DatabaseRecord,
  EndpointRecord,
  OperationRecord,
  RoleRecord,
} from "../../model/records.ts";
import { creator } from "./account.ts";
import { regionIdOf } from "./project.ts";

/**
 * Records as the API answers them. Field names and meanings are those of Neon's API description
 * (schemas Branch, Endpoint, ...); what is only measured for billing is 0 here.
 */

/** `restored_from` and `restored_as` speak of snapshots: a restore from a branch does not set them. */
export function branchResponse(branch: BranchRecord, controlPlane: ControlPlane) {
  const state = controlPlane.branchState(branch.id);
  return withoutUndefined({
    id: branch.id,
    project_id: branch.projectId,
    parent_id: branch.parentId,
    parent_lsn: branch.parentLsn,
    parent_timestamp: branch.parentTimestamp,
    name: branch.name,
    current_state: state,
    pending_state: state === "init" ? "ready" : undefined,
    state_changed_at: branch.lastResetAt ?? branch.createdAt,
    logical_size: branch.logicalSize,
    creation_source: "console",
    primary: branch.default,
    default: branch.default,
    protected: branch.protected,
    cpu_used_sec: 0,
    compute_time_seconds: 0,
    active_time_seconds: 0,
    written_data_bytes: 0,
    data_transfer_bytes: 0,
    created_at: branch.createdAt,
    updated_at: branch.updatedAt,
    created_by: creator,
    expires_at: branch.expiresAt,
    last_reset_at: branch.lastResetAt,
    init_source: branch.initSource,
    restored_from: branch.restore?.snapshotId,
    restored_as: branch.restore?.status === "finalized" ? branch.restore.targetBranchId : undefined,
    restore_status: branch.restore?.status,
    restricted_actions: branch.anonymization && restrictedActions(branch.anonymization),
  });
}

function restrictedActions({ state }: Anonymization) {
  return [
    { name: "restore", reason: "cannot restore anonymized branches" },
    {
      name: "delete-rw-endpoint",
      reason: "cannot delete read-write endpoints for anonymized branches",
    },
    ...(state === "anonymized"
      ? []
      : [
          {
            name: "connect-to-endpoints",
            reason: "cannot connect to endpoints until the branch is anonymized",
          },
        ]),
  ];
}

export function annotationResponse(branch: BranchRecord) {
  return {
    object: { type: "console/branch", id: branch.id },
    value: branch.annotation ?? {},
    created_at: branch.createdAt,
    updated_at: branch.updatedAt,
  };
}

/** Clients build URLs by putting it between "@" and "/", so the port is a part of it. */
export function endpointHost(endpoint: EndpointRecord): string {
  return `localhost:${endpoint.port}`;
}

export function endpointResponse(endpoint: EndpointRecord, controlPlane: ControlPlane) {
  const compute = controlPlane.computeState(endpoint.id);
  return withoutUndefined({
    host: endpointHost(endpoint),
    id: endpoint.id,
    name: endpoint.name,
    project_id: endpoint.projectId,
    branch_id: endpoint.branchId,
    autoscaling_limit_min_cu: endpoint.autoscalingLimitMinCu,
    autoscaling_limit_max_cu: endpoint.autoscalingLimitMaxCu,
    region_id: regionIdOf(controlPlane.getProject(endpoint.projectId)),
    type: endpoint.type,
    current_state: compute.state,
    pending_state: compute.state === "init" ? "active" : undefined,
    settings: { pg_settings: endpoint.pgSettings },
    pooler_enabled: false,
    pooler_mode: "transaction",
    disabled: endpoint.disabled,
    passwordless_access: false,
    last_active: compute.lastActive,
    started_at: compute.startedAt,
    suspended_at: compute.suspendedAt,
    creation_source: "console",
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
    proxy_host: "localhost",
    suspend_timeout_seconds: endpoint.suspendTimeoutSeconds,
    provisioner: "k8s-neonvm",
  });
}

export function operationResponse(operation: OperationRecord) {
  return withoutUndefined({
    id: operation.id,
    project_id: operation.projectId,
    branch_id: operation.branchId,
    endpoint_id: operation.endpointId,
    action: operation.action,
    status: operation.status,
    error: operation.error,
    failures_count: operation.status === "failed" ? 1 : 0,
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
    total_duration_ms: operation.totalDurationMs,
  });
}

/**
 * Without the password: see `newRoleResponse`. `authentication_method` is left out: a role that was
 * made with SQL has no password that is known here, but it may well log in.
 */
export function roleResponse(role: RoleRecord, branchId: string) {
  return {
    branch_id: branchId,
    name: role.name,
    protected: role.protected,
    created_at: role.createdAt,
    updated_at: role.updatedAt,
  };
}

/** For the answers that tell a password: to the creation of a role or project, and to a reset. */
export function newRoleResponse(role: RoleRecord, branchId: string) {
  return { ...roleResponse(role, branchId), ...withoutUndefined({ password: role.password }) };
}

export function databaseResponse(database: DatabaseRecord, branchId: string) {
  return {
    id: database.id,
    branch_id: branchId,
    name: database.name,
    owner_name: database.ownerName,
    created_at: database.createdAt,
    updated_at: database.updatedAt,
  };
}
