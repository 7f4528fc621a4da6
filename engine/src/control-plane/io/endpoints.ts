import { conflict, unprocessable } from "../../lib/engine-error.ts";
import type { ComputeState, EndpointRecord, OperationRecord } from "../../model/records.ts";
import type { CreateEndpointInput, EndpointTransitions } from "../api.ts";
import { touched } from "../branch-records.ts";
import { refuseSizing } from "../branch-rules.ts";
import { type Core, refuseEndpoints, throwIf } from "./core.ts";

/** Endpoints: addresses of branches, and what sleeps behind them. */
export function endpoints(core: Core): Omit<EndpointTransitions, "getEndpoint"> {
  const own = {
    listEndpoints(projectId: string): EndpointRecord[] {
      core.getProject(projectId);
      return [...core.catalog.endpoints.values()].filter((e) => e.projectId === projectId);
    },

    servesPort(port: number): boolean {
      return core.computes.listensOn(port);
    },

    computeState(endpointId: string): ComputeState {
      const endpoint = core.catalog.endpoints.get(endpointId);
      return endpoint ? core.computes.of(endpoint.branchId).state : { state: "idle" };
    },

    async createEndpoint(
      projectId: string,
      branchId: string,
      input: CreateEndpointInput,
    ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
      const project = core.getProject(projectId);
      core.getBranch(projectId, branchId);
      refuseEndpoints([input]);
      const began = new Date().toISOString();
      const refuseSecond = () => {
        if (core.catalog.endpointsOf(branchId).length > 0) {
          throw conflict(
            "ENDPOINT_ALREADY_EXISTS",
            "read_write endpoint already exists on the branch",
          );
        }
      };
      refuseSecond();
      await core.parts.checkSettings(input.pgSettings ?? {});
      return core.locks.with({ shared: [branchId] }, async () => {
        refuseSecond();
        const endpoint = await core.newEndpoint(project, branchId, input);
        try {
          await core.catalog.commit(() => {
            refuseSecond();
            const branch = core.getBranch(projectId, branchId);
            return { branches: [core.catalog.withEndpoints(branch, [endpoint])] };
          });
        } catch (error) {
          await core.computes.closeEndpoint(endpoint.id);
          throw error;
        }
        return core.endpointDone(endpoint, "start_compute", began);
      });
    },

    async updateEndpoint(
      projectId: string,
      endpointId: string,
      patch: Partial<Omit<CreateEndpointInput, "type">>,
    ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
      const began = new Date().toISOString();
      const { branchId } = core.getEndpoint(projectId, endpointId);
      await core.parts.checkSettings(patch.pgSettings ?? {});
      await core.locks.with({ shared: [branchId] }, () =>
        core.catalog.commit(() => {
          const endpoint = touched({ ...core.getEndpoint(projectId, endpointId), ...patch });
          throwIf(refuseSizing(endpoint));
          return {
            branches: [{ branch: core.getBranch(projectId, branchId), endpoints: [endpoint] }],
          };
        }),
      );
      const endpoint = core.getEndpoint(projectId, endpointId);
      // Settings and disabling take effect at the next start, which the next connection brings about.
      if (patch.disabled || patch.pgSettings) await core.computes.of(branchId).stop();
      return core.endpointDone(endpoint, "apply_config", began);
    },

    async deleteEndpoint(
      projectId: string,
      endpointId: string,
    ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] } | undefined> {
      core.getProject(projectId);
      const endpoint = core.catalog.endpoints.get(endpointId);
      if (!endpoint || endpoint.projectId !== projectId) return undefined;
      const { branchId } = endpoint;
      const began = new Date().toISOString();
      return core.locks.with({ exclusive: [branchId] }, async () => {
        await core.computes.of(branchId).stop();
        await core.catalog.commit(() => ({
          branches: [{ branch: core.getBranch(projectId, branchId), endpoints: [] }],
        }));
        await core.computes.closeEndpoint(endpointId);
        return core.endpointDone(endpoint, "suspend_compute", began);
      });
    },

    async startEndpoint(projectId: string, endpointId: string) {
      const began = new Date().toISOString();
      const endpoint = core.getEndpoint(projectId, endpointId);
      if (endpoint.disabled) throw unprocessable("ENDPOINT_DISABLED", "the endpoint is disabled");
      await core.computes.of(endpoint.branchId).ensureRunning();
      return core.endpointDone(endpoint, "start_compute", began);
    },

    async suspendEndpoint(projectId: string, endpointId: string) {
      const began = new Date().toISOString();
      const endpoint = core.getEndpoint(projectId, endpointId);
      await core.computes.suspend(endpoint.branchId);
      return core.endpointDone(endpoint, "suspend_compute", began);
    },

    async restartEndpoint(projectId: string, endpointId: string) {
      await own.suspendEndpoint(projectId, endpointId);
      return own.startEndpoint(projectId, endpointId);
    },
  };
  return own;
}
