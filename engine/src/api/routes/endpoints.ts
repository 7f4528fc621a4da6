import { type Context, Hono } from "hono";
import type { CreateEndpointInput } from "../../control-plane/api.ts";
import { unprocessable } from "../../lib/engine-error.ts";
import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { EndpointRecord, OperationRecord } from "../../model/records.ts";
import type { ApiEnv } from "../requests/env.ts";
import { idParam, readBody } from "../requests/read.ts";
import { endpointCreate, endpointUpdate } from "../requests/schemas.ts";
import { endpointResponse, operationResponse } from "../responses/records.ts";

export const endpoints = new Hono<ApiEnv>();

endpoints.get("/projects/:project/endpoints", (c) => {
  const controlPlane = c.get("controlPlane");
  const all = controlPlane.listEndpoints(idParam(c, "project"));
  return c.json({ endpoints: all.map((endpoint) => endpointResponse(endpoint, controlPlane)) });
});

endpoints.post("/projects/:project/endpoints", async (c) => {
  const projectId = idParam(c, "project");
  const { endpoint: wanted } = await readBody(c, endpointCreate);
  const created = await c
    .get("controlPlane")
    .createEndpoint(projectId, wanted.branch_id, endpointInput(wanted));
  return c.json(answer(c, created), 201);
});

endpoints.get("/projects/:project/endpoints/:endpoint", (c) => {
  const controlPlane = c.get("controlPlane");
  const endpoint = controlPlane.getEndpoint(idParam(c, "project"), idParam(c, "endpoint"));
  return c.json({ endpoint: endpointResponse(endpoint, controlPlane) });
});

endpoints.patch("/projects/:project/endpoints/:endpoint", async (c) => {
  const [projectId, endpointId] = [idParam(c, "project"), idParam(c, "endpoint")];
  const { endpoint: wanted } = await readBody(c, endpointUpdate);
  const controlPlane = c.get("controlPlane");
  const current = controlPlane.getEndpoint(projectId, endpointId);
  if (wanted.branch_id !== undefined && wanted.branch_id !== current.branchId) {
    throw unprocessable(
      "ENDPOINT_MOVE_UNSUPPORTED",
      "an endpoint cannot move to another branch; create one there instead",
    );
  }
  const changed = await controlPlane.updateEndpoint(
    projectId,
    endpointId,
    withoutUndefined({ ...sizingInput(wanted), name: wanted.name, disabled: wanted.disabled }),
  );
  return c.json(answer(c, changed));
});

endpoints.delete("/projects/:project/endpoints/:endpoint", async (c) => {
  const deleted = await c
    .get("controlPlane")
    .deleteEndpoint(idParam(c, "project"), idParam(c, "endpoint"));
  return deleted ? c.json(answer(c, deleted)) : c.body(null, 204);
});

for (const verb of ["start", "suspend", "restart"] as const) {
  endpoints.post(`/projects/:project/endpoints/:endpoint/${verb}`, async (c) => {
    const result = await c
      .get("controlPlane")
      [`${verb}Endpoint`](idParam(c, "project"), idParam(c, "endpoint"));
    return c.json(answer(c, result));
  });
}

function answer(
  c: Context<ApiEnv>,
  result: { endpoint: EndpointRecord; operations: OperationRecord[] },
) {
  return {
    endpoint: endpointResponse(result.endpoint, c.get("controlPlane")),
    operations: result.operations.map(operationResponse),
  };
}

interface Sizing {
  autoscaling_limit_min_cu?: number | undefined;
  autoscaling_limit_max_cu?: number | undefined;
  suspend_timeout_seconds?: number | undefined;
  settings?: { pg_settings?: Record<string, string> | undefined } | undefined;
}

export function sizingInput(wanted: Sizing) {
  return withoutUndefined({
    autoscalingLimitMinCu: wanted.autoscaling_limit_min_cu,
    autoscalingLimitMaxCu: wanted.autoscaling_limit_max_cu,
    suspendTimeoutSeconds: wanted.suspend_timeout_seconds,
    pgSettings: wanted.settings?.pg_settings,
  });
}

/** An endpoint as POST /endpoints and the `endpoints` of POST /branches describe it. */
export function endpointInput(
  wanted: Sizing & {
    type: EndpointRecord["type"];
    name?: string | undefined;
    disabled?: boolean | undefined;
  },
): CreateEndpointInput {
  return withoutUndefined({
    ...sizingInput(wanted),
    type: wanted.type,
    name: wanted.name,
    disabled: wanted.disabled,
  });
}
