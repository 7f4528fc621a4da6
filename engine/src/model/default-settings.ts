import type { EndpointSettings } from "./records.ts";

/** What a project's endpoints begin with. */
export const defaultEndpointSettings: EndpointSettings = {
  autoscalingLimitMinCu: 0.25,
  autoscalingLimitMaxCu: 2,
  suspendTimeoutSeconds: 0,
  pgSettings: {},
};
