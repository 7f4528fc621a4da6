import { neonConfig } from "@neondatabase/serverless";
import ws from "ws";
import type { TestEngine } from "./test-engine.ts";

/** The driver's configuration that engine/SERVERLESS.md gives, and Node 20's missing WebSocket. */
export function configureDriver(): void {
  neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
  neonConfig.wsProxy = (host, port) => `${host}:${port}/v2`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.webSocketConstructor = ws;
}

export interface TestBranch {
  projectId: string;
  branchId: string;
  endpointId: string;
  /** The connection string of its owner. */
  uri: string;
}

interface Created {
  project: { id: string };
  branch: { id: string };
  endpoints: { id: string }[];
  connection_uris: { connection_uri: string }[];
}

export async function createProject(engine: TestEngine, name: string): Promise<TestBranch> {
  const created = await engine.call<Created>(201, "POST", "/projects", { project: { name } });
  return {
    projectId: created.project.id,
    branchId: created.branch.id,
    endpointId: created.endpoints[0]?.id ?? "",
    uri: created.connection_uris[0]?.connection_uri ?? "",
  };
}

export async function createBranch(
  engine: TestEngine,
  projectId: string,
  name: string,
): Promise<TestBranch> {
  const created = await engine.call<Omit<Created, "project">>(
    201,
    "POST",
    `/projects/${projectId}/branches`,
    { branch: { name }, endpoints: [{ type: "read_write" }] },
  );
  return {
    projectId,
    branchId: created.branch.id,
    endpointId: created.endpoints[0]?.id ?? "",
    uri: created.connection_uris[0]?.connection_uri ?? "",
  };
}

/** The error that a promise is rejected with, as a plain object of its own fields and message. */
export async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await promise.then(
    (value) => {
      throw new Error(`succeeded with ${JSON.stringify(value)}`);
    },
    (reason: Error) => reason,
  );
  return { ...error, message: error.message };
}
