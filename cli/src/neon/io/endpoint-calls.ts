import type { raw } from "@neon/sdk";
import { toEndpoint } from "../from-api.ts";
import type { Endpoint } from "../model.ts";
import { type NeonReader, path } from "./reader.ts";
import type { NeonWriter } from "./writer.ts";

export interface EndpointCalls {
  listEndpoints(projectId: string): Promise<Endpoint[]>;
  createEndpoint(projectId: string, branchId: string): Promise<Endpoint>;
}

type EndpointPage = raw.EndpointsResponse & raw.CursorPaginationResponse;

export function endpointCalls(reader: NeonReader, writer: NeonWriter): EndpointCalls {
  return {
    listEndpoints: async (projectId) => (await endpointsOf(reader, projectId)).map(toEndpoint),
    createEndpoint: async (projectId, branchId) => {
      const words = {
        what: `creating an endpoint for the branch ${branchId}`,
        done: `the branch ${branchId} got an endpoint`,
        unclear: `the branch ${branchId} may have got an endpoint`,
      };
      const made = await writer.change<raw.EndpointResponse>(
        words,
        (neon, options) =>
          neon.createProjectEndpoint({
            ...options,
            path: { project_id: projectId },
            body: { endpoint: { branch_id: branchId, type: "read_write" } },
          }),
        async (now) => {
          const found = (await endpointsOf(now, projectId)).find(
            ({ branch_id, type }) => branch_id === branchId && type === "read_write",
          );
          return found && { endpoint: found };
        },
      );
      return toEndpoint(made.endpoint);
    },
  };
}

async function endpointsOf(reader: NeonReader, projectId: string): Promise<raw.Endpoint[]> {
  const question = path`/projects/${projectId}/endpoints`;
  const pages = await reader.pages<EndpointPage>("listing endpoints", question, "endpoints");
  return pages.flatMap(({ endpoints }) => endpoints);
}
