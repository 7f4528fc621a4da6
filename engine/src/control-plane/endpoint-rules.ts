import { conflict, type EngineError, unprocessable } from "../lib/engine-error.ts";
import { newEndpointId } from "../model/ids.ts";
import type { EndpointRecord, EndpointSettings, ProjectRecord } from "../model/records.ts";
import type { CreateEndpointInput } from "./api-types.ts";

/** What endpoints a branch can have, and how a new one begins. */

/** Each is a server of its own, on a copy of the branch's data. */
const mostReplicas = 3;

type Typed = Pick<EndpointRecord, "type">;

/** Of a branch that is made with these. */
export function refuseEndpoints(endpoints: readonly Typed[]): EngineError | undefined {
  const count = (type: Typed["type"]) => endpoints.filter((each) => each.type === type).length;
  if (count("read_write") > 1) {
    return unprocessable("ENDPOINT_LIMIT_EXCEEDED", "a branch has at most one read_write endpoint");
  }
  if (count("read_only") > mostReplicas) {
    return unprocessable(
      "ENDPOINT_LIMIT_EXCEEDED",
      `a branch has at most ${mostReplicas} read_only endpoints`,
    );
  }
  return undefined;
}

/** One more endpoint of a branch that has these. */
export function refuseAnother(there: readonly Typed[], wanted: Typed): EngineError | undefined {
  if (wanted.type === "read_write" && there.some(({ type }) => type === "read_write")) {
    return conflict("ENDPOINT_ALREADY_EXISTS", "read_write endpoint already exists on the branch");
  }
  return refuseEndpoints([...there, wanted]);
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
