import type { ControlPlane } from "../../control-plane/api.ts";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import { projectSettings } from "../../model/project-settings.ts";
import type { ProjectRecord } from "../../model/records.ts";
import { monthStart, organization, region } from "./account.ts";

/**
 * A project as the API answers it (schemas Project and ProjectListItem of Neon's description); what is
 * only measured for billing is 0 here. What was asked for is told again, or clients that keep a
 * description of their own would want to change it for ever.
 */

/** Branches are limited by the disk alone; the API wants a number, so: 16 TiB. */
const branchSizeLimitMib = 16 * 1024 * 1024;

export const regionIdOf = ({ regionId }: ProjectRecord): string => regionId ?? region.id;

export const orgIdOf = ({ orgId }: ProjectRecord): string => orgId ?? organization.id;

export function projectResponse(project: ProjectRecord, controlPlane: ControlPlane) {
  return {
    ...projectBasics(project, controlPlane),
    data_storage_bytes_hour: 0,
    data_transfer_bytes: 0,
    written_data_bytes: 0,
    compute_time_seconds: 0,
    active_time_seconds: 0,
    consumption_period_start: monthStart(0),
    consumption_period_end: monthStart(1),
  };
}

export function projectListItemResponse(project: ProjectRecord, controlPlane: ControlPlane) {
  return {
    ...projectBasics(project, controlPlane),
    active_time: 0,
    org_name: orgIdOf(project) === organization.id ? organization.name : orgIdOf(project),
  };
}

function projectBasics(project: ProjectRecord, controlPlane: ControlPlane) {
  const defaults = project.defaultEndpointSettings;
  const lastActive = controlPlane
    .listEndpoints(project.id)
    .flatMap((endpoint) => controlPlane.computeState(endpoint.id).lastActive ?? [])
    .sort()
    .at(-1);
  const sizes = controlPlane.listBranches(project.id).map(({ logicalSize }) => logicalSize ?? 0);
  const regionId = regionIdOf(project);
  return withoutUndefined({
    id: project.id,
    platform_id: /^(aws|azure|gcp)-/.exec(regionId)?.[1] ?? region.id,
    region_id: regionId,
    name: project.name,
    provisioner: project.provisioner ?? "k8s-neonvm",
    default_endpoint_settings: {
      autoscaling_limit_min_cu: defaults.autoscalingLimitMinCu,
      autoscaling_limit_max_cu: defaults.autoscalingLimitMaxCu,
      suspend_timeout_seconds: defaults.suspendTimeoutSeconds,
      pg_settings: defaults.pgSettings,
    },
    settings: projectSettings(project),
    pg_version: project.pgVersion,
    proxy_host: "localhost",
    branch_logical_size_limit: branchSizeLimitMib,
    branch_logical_size_limit_bytes: branchSizeLimitMib * 1024 * 1024,
    store_passwords: project.storePasswords ?? true,
    cpu_used_sec: 0,
    creation_source: "console",
    history_retention_seconds: project.historyRetentionSeconds,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
    synthetic_storage_size: sizes.reduce((sum, size) => sum + size, 0),
    quota_reset_at: monthStart(1),
    compute_last_active_at: lastActive,
    owner_id: orgIdOf(project),
    org_id: orgIdOf(project),
  });
}
