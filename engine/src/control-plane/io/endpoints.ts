import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { EndpointRecord, OperationRecord, ProjectRecord } from "../../model/records.ts";
import type { CreateEndpointInput, EndpointResult } from "../api-types.ts";
import { touched } from "../branch-records.ts";
import { newEndpointRecord, refuseAnother, refuseSizing } from "../endpoint-rules.ts";
import type { Takes } from "./services.ts";

/** Endpoints: addresses of branches, and what sleeps behind them. */

export async function createEndpoint(
  services: Takes<"catalog" | "records" | "locks" | "listeners" | "operations" | "settingsCheck">,
  projectId: string,
  branchId: string,
  input: CreateEndpointInput,
): Promise<EndpointResult> {
  const { catalog, records, locks, listeners, settingsCheck } = services;
  const project = records.project(projectId);
  records.branch(projectId, branchId);
  const began = new Date().toISOString();
  const refuseSecond = () => throwIf(refuseAnother(catalog.endpointsOf(branchId), input));
  refuseSecond();
  await settingsCheck.check(project.pgVersion, input.pgSettings);
  return locks.with({ shared: [branchId] }, async () => {
    refuseSecond();
    const endpoint = await openEndpoint(services, project, branchId, input);
    try {
      await catalog.commit(() => {
        refuseSecond();
        const branch = records.branch(projectId, branchId);
        const endpoints = [...catalog.endpointsOf(branchId), endpoint];
        return { branches: [catalog.withEndpoints(branch, endpoints)] };
      });
    } catch (error) {
      await listeners.close(endpoint.id);
      throw error;
    }
    return done(services, endpoint, "start_compute", began);
  });
}

/** Gives the branch an endpoint that is listened for already, and that no record has yet. */
export async function openEndpoint(
  { listeners }: Takes<"listeners">,
  project: ProjectRecord,
  branchId: string,
  input: CreateEndpointInput,
): Promise<EndpointRecord> {
  const endpoint = newEndpointRecord(project, branchId, input);
  throwIf(refuseSizing(endpoint));
  return listeners.openNew(endpoint);
}

export async function updateEndpoint(
  services: Takes<"catalog" | "records" | "locks" | "computes" | "operations" | "settingsCheck">,
  projectId: string,
  endpointId: string,
  patch: Partial<Omit<CreateEndpointInput, "type">>,
): Promise<EndpointResult> {
  const { catalog, records, locks, computes, settingsCheck } = services;
  const began = new Date().toISOString();
  const { branchId } = records.endpoint(projectId, endpointId);
  await settingsCheck.check(records.project(projectId).pgVersion, patch.pgSettings);
  await locks.with({ shared: [branchId] }, () =>
    catalog.commit(() => {
      const endpoint = touched({ ...records.endpoint(projectId, endpointId), ...patch });
      throwIf(refuseSizing(endpoint));
      const endpoints = catalog
        .endpointsOf(branchId)
        .map((e) => (e.id === endpointId ? endpoint : e));
      return { branches: [{ branch: records.branch(projectId, branchId), endpoints }] };
    }),
  );
  const endpoint = records.endpoint(projectId, endpointId);
  // Settings and disabling take effect at the next start, which the next connection brings about.
  if (patch.disabled || patch.pgSettings) await computes.ofEndpoint(endpoint).stop();
  // Replicas need at least what their primary has.
  if (endpoint.type === "read_write" && patch.pgSettings) await computes.stopReplicasOf(branchId);
  return done(services, endpoint, "apply_config", began);
}

export async function deleteEndpoint(
  services: Takes<"catalog" | "records" | "locks" | "computes" | "listeners" | "operations">,
  projectId: string,
  endpointId: string,
): Promise<EndpointResult | undefined> {
  const { catalog, records, locks, computes, listeners } = services;
  records.project(projectId);
  const endpoint = catalog.endpoints.get(endpointId);
  if (!endpoint || endpoint.projectId !== projectId) return undefined;
  const { branchId } = endpoint;
  if (records.branch(projectId, branchId).anonymization) {
    throw unprocessable(
      "BRANCH_IS_ANONYMIZED",
      "cannot delete read-write endpoints for anonymized branches",
    );
  }
  const began = new Date().toISOString();
  return locks.with({ exclusive: [branchId] }, async () => {
    await computes.ofEndpoint(endpoint).stop();
    await catalog.commit(() => ({
      branches: [
        {
          branch: records.branch(projectId, branchId),
          endpoints: catalog.endpointsOf(branchId).filter(({ id }) => id !== endpointId),
        },
      ],
    }));
    await listeners.close(endpointId);
    await computes.removeReplica(endpointId);
    return done(services, endpoint, "suspend_compute", began);
  });
}

export async function startEndpoint(
  services: Takes<"records" | "locks" | "computes" | "operations">,
  projectId: string,
  endpointId: string,
): Promise<EndpointResult> {
  const began = new Date().toISOString();
  const endpoint = services.records.endpoint(projectId, endpointId);
  if (endpoint.disabled) throw unprocessable("ENDPOINT_DISABLED", "the endpoint is disabled");
  await services.locks.with({ shared: [endpoint.branchId] }, () =>
    services.computes.ofEndpoint(endpoint).ensureRunning(),
  );
  return done(services, endpoint, "start_compute", began);
}

export async function suspendEndpoint(
  services: Takes<"records" | "locks" | "computes" | "contents" | "operations">,
  projectId: string,
  endpointId: string,
): Promise<EndpointResult> {
  const began = new Date().toISOString();
  const endpoint = services.records.endpoint(projectId, endpointId);
  await services.locks.with({ shared: [endpoint.branchId] }, () =>
    endpoint.type === "read_only"
      ? services.computes.ofEndpoint(endpoint).stop()
      : services.contents.suspend(endpoint.branchId),
  );
  return done(services, endpoint, "suspend_compute", began);
}

export async function restartEndpoint(
  services: Takes<"records" | "locks" | "computes" | "contents" | "operations">,
  projectId: string,
  endpointId: string,
): Promise<EndpointResult> {
  await suspendEndpoint(services, projectId, endpointId);
  return startEndpoint(services, projectId, endpointId);
}

async function done(
  { operations }: Takes<"operations">,
  endpoint: EndpointRecord,
  action: OperationRecord["action"],
  began: string,
): Promise<EndpointResult> {
  const { projectId, branchId, id: endpointId } = endpoint;
  const operation = await operations.add({ projectId, branchId, endpointId, action }, began);
  return { endpoint, operations: [operation] };
}
