import type { Json } from "./json.ts";
import type { LateOperations } from "./late-operations.ts";

/** What the cloud says otherwise than the engine, of what both have. */
export interface Dressing {
  late: LateOperations;
  /** How many branches the plan allows. */
  branchesLimit: number;
  /** Fields of branches by name: as they would be at another time. */
  branches: ReadonlyMap<string, Json>;
}

/** What nobody who was written before it knows. */
const added = { x_added_lately: { kind: "unknown", values: [1, 2, 3] } };

export function dressed(answer: Json, dressing: Dressing, isPooled: boolean): Json {
  const each = (value: unknown, dress: (one: Json) => Json) =>
    Array.isArray(value) ? value.map((one: Json) => dress(one)) : value;
  const branch = (one: Json) => asBranch(one, dressing);
  const endpoint = (one: Json) => asEndpoint(one, dressing);
  const operation = (one: Json) => ({ ...one, ...added, status: dressing.late.status(one) });
  return {
    ...answer,
    ...added,
    ...("branch" in answer ? { branch: branch(answer.branch as Json) } : {}),
    ...("branches" in answer ? { branches: each(answer.branches, branch) } : {}),
    ...("endpoint" in answer ? { endpoint: endpoint(answer.endpoint as Json) } : {}),
    ...("endpoints" in answer ? { endpoints: each(answer.endpoints, endpoint) } : {}),
    ...("operation" in answer ? { operation: operation(answer.operation as Json) } : {}),
    ...("operations" in answer ? { operations: each(answer.operations, operation) } : {}),
    ...("project" in answer ? { project: asProject(answer.project as Json, dressing) } : {}),
    ...("uri" in answer && isPooled ? { uri: pooled(String(answer.uri)) } : {}),
  };
}

function asBranch(one: Json, { late, branches }: Dressing): Json {
  const isBusy = late.isBranchBusy(String(one.id));
  const state = isBusy ? { current_state: "init", pending_state: "ready" } : {};
  return { ...one, ...added, ...state, ...branches.get(String(one.name)) };
}

function asEndpoint(one: Json, { late }: Dressing): Json {
  const isBusy = late.isBranchBusy(String(one.branch_id));
  const state = isBusy ? { current_state: "init", pending_state: "active" } : {};
  return { ...one, ...added, ...state };
}

const asProject = (one: Json, { branchesLimit }: Dressing): Json => ({
  ...one,
  ...added,
  owner: {
    name: "Pat",
    email: "pat@example.com",
    branches_limit: branchesLimit,
    subscription_type: "free_v9",
  },
});

/** `ep-x.host` is `ep-x-pooler.host`. */
function pooled(uri: string): string {
  return uri.replace(/@([^.:/]+)/, "@$1-pooler");
}
