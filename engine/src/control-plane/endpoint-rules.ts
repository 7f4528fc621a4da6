import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import { newEndpointId } from "../model/ids.ts";
import type { EndpointRecord, EndpointSettings, ProjectRecord } from "../model/records.ts";
import type { CreateEndpointInput } from "./api-types.ts";

/** What endpoints a branch can have, and how a new one begins. */

export function refuseEndpoints(endpoints: CreateEndpointInput[]): EngineError | undefined {
  if (endpoints.some(({ type }) => type === "read_only")) {
    return unprocessable(
      "READ_REPLICA_UNSUPPORTED",
      "this engine has no read replicas: only read_write endpoints can be created",
    );
  }
  if (endpoints.length > 1) {
    return unprocessable("ENDPOINT_LIMIT_EXCEEDED", "a branch has at most one read_write endpoint");
  }
  return undefined;
}

/** A request may change one of the two limits: what counts is what they are together. */
export function refuseSizing(settings: EndpointSettings): EngineError | undefined {
  const { autoscalingLimitMinCu: least, autoscalingLimitMaxCu: most } = settings;
  return least > most
    ? unprocessable(
        "AUTOSCALING_LIMITS_INVALID",
        `autoscaling_limit_min_cu (${least}) is above autoscaling_limit_max_cu (${most})`,
      )
    : undefined;
}

/** The record of a new endpoint, but for its port. */
export function newEndpointRecord(
  project: ProjectRecord,
  branchId: string,
  input: CreateEndpointInput,
): Omit<EndpointRecord, "port"> {
  const now = new Date().toISOString();
  const { type, name, disabled, ...settings } = input;
  return {
    ...project.defaultEndpointSettings,
    ...settings,
    id: newEndpointId(),
    projectId: project.id,
    branchId,
    ...(name ? { name } : {}),
    type,
    disabled: disabled ?? false,
    createdAt: now,
    updatedAt: now,
  };
}
