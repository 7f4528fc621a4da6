import type { raw } from "@neon/sdk";
import { toEndpoint } from "../from-api.ts";
import type { Endpoint } from "../model.ts";
import { type NeonReader, path } from "./reader.ts";
import type { NeonWriter } from "./writer.ts";

export interface EndpointCalls {
  listEndpoints(projectId: string): Promise<Endpoint[]>;
  createEndpoint(projectId: string, branchId: string): Promise<Endpoint>;
  startEndpoint(projectId: string, endpointId: string): Promise<Endpoint>;
}

type EndpointPage = raw.EndpointsResponse & raw.CursorPaginationResponse;

export function endpointCalls(reader: NeonReader, writer: NeonWriter): EndpointCalls {
  return {
    listEndpoints: async (projectId) => {
      const question = path`/projects/${projectId}/endpoints`;
      const pages = await reader.pages<EndpointPage>("listing endpoints", question, "endpoints");
      return pages.flatMap(({ endpoints }) => endpoints.map(toEndpoint));
    },
    createEndpoint: async (projectId, branchId) => {
      const words = {
        what: `creating an endpoint for the branch ${branchId}`,
        done: `the branch ${branchId} got an endpoint`,
        unclear: `the branch ${branchId} may have got an endpoint`,
      };
      const made = await writer.change(words, (neon, options) =>
        neon.createProjectEndpoint({
          ...options,
          path: { project_id: projectId },
          body: { endpoint: { branch_id: branchId, type: "read_write" } },
        }),
      );
      return toEndpoint(made.endpoint);
    },
    startEndpoint: async (projectId, endpointId) => {
      const started = await writer.change(
        { what: `waking the endpoint ${endpointId}` },
        (neon, options) =>
          neon.startProjectEndpoint({
            ...options,
            path: { project_id: projectId, endpoint_id: endpointId },
          }),
      );
      return toEndpoint(started.endpoint);
    },
  };
}
