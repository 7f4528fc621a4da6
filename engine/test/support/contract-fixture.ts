import { quickFolder } from "./quick-folder.ts";
import type { RequestParts } from "./request-forms.ts";
import { openTestEngine, type TestEngine } from "./test-engine.ts";
import { validatingFetch } from "./validating-fetch.ts";

interface Ids {
  project: string;
  main: string;
  branch: string;
  endpoint: string;
  /** A branch without an endpoint. */
  bare: string;
  operation: string;
}

const role = "contract_role";
const database = "contract_db";
const owner_name = "neondb_owner";
/** Each copy of data would be followed by another one, for its past. */
const withoutHistory = { history_retention_seconds: 0 };

/** One project in a known state, the smallest right request for every operation, and the way back. */
export class ContractFixture {
  readonly #engine: TestEngine;
  readonly #ids: Ids;
  readonly #fetch = validatingFetch();

  private constructor(engine: TestEngine, ids: Ids) {
    this.#engine = engine;
    this.#ids = ids;
  }

  static async open(): Promise<ContractFixture> {
    const engine = await openTestEngine({ home: await quickFolder() });
    const made = await engine.call<Made>(201, "POST", "/projects", { project: withoutHistory });
    const project = made.project?.id ?? "";
    const create = (name: string, body: object) =>
      engine.call<Made>(201, "POST", `/projects/${project}/branches`, {
        branch: { name },
        ...body,
      });
    const branch = await create("contract", { endpoints: [{ type: "read_write" }] });
    const bare = await create("bare", {});
    const fixture = new ContractFixture(engine, {
      project,
      main: made.branch.id,
      branch: branch.branch.id,
      endpoint: branch.endpoints[0]?.id ?? "",
      bare: bare.branch.id,
      operation: made.operations[0]?.id ?? "",
    });
    await fixture.tidy();
    return fixture;
  }

  get home(): string {
    return this.#engine.home;
  }

  /** Whether a right request takes a copy of data, or a start or stop of Postgres. */
  isCostly(operation: string): boolean {
    return /^(create|restore|delete|suspend|restart|update|getProjectBranchSchema)/.test(operation);
  }

  /** What the operation takes; for a deletion, of something that is there to be deleted. */
  async requestFor(operation: string): Promise<RequestParts> {
    const ids = this.#ids;
    const path: Record<string, string> = {
      project_id: ids.project,
      branch_id: ids.branch,
      endpoint_id: ids.endpoint,
      operation_id: ids.operation,
      role_name: role,
      database_name: database,
      org_id: "org-local",
    };
    const query: Record<string, string> = {};
    const parts = (body?: unknown): RequestParts => ({ path, query, body });
    switch (operation) {
      case "createProject":
        return parts({ project: withoutHistory });
      case "updateProject":
        return parts({ project: {} });
      case "deleteProject": {
        const made = await this.#engine.call<Made>(201, "POST", "/projects", {
          project: withoutHistory,
        });
        path.project_id = made.project?.id ?? "";
        return parts();
      }
      case "createApiKey":
        return parts({ key_name: "contract" });
      case "revokeApiKey": {
        const key = { key_name: "contract" };
        const made = await this.#engine.call<{ id: number }>(200, "POST", "/api_keys", key);
        path.key_id = String(made.id);
        return parts();
      }
      case "grantPermissionToProject":
        return parts({ email: "contract@example.com" });
      case "revokePermissionFromProject": {
        const email = { email: "contract@example.com" };
        const granted = `/projects/${ids.project}/permissions`;
        const made = await this.#engine.call<{ id: string }>(200, "POST", granted, email);
        path.permission_id = made.id;
        return parts();
      }
      case "createProjectBranch":
        return parts({});
      case "deleteProjectBranch": {
        const made = await this.#make("/branches", {});
        path.branch_id = made.branch?.id ?? "";
        return parts();
      }
      case "deleteProjectEndpoint": {
        const endpoint = { branch_id: ids.bare, type: "read_write" };
        path.endpoint_id = (await this.#make("/endpoints", { endpoint })).endpoint?.id ?? "";
        return parts();
      }
      case "updateProjectBranch":
        return parts({ branch: {} });
      case "restoreProjectBranch":
        return parts({ source_branch_id: ids.main });
      case "createProjectEndpoint":
        return parts({ endpoint: { branch_id: ids.bare, type: "read_write" } });
      case "updateProjectEndpoint":
        return parts({ endpoint: {} });
      case "createProjectBranchRole":
        return parts({ role: { name: "another" } });
      case "createProjectBranchDatabase":
        return parts({ database: { name: "another", owner_name } });
      case "updateProjectBranchDatabase":
        return parts({ database: {} });
      case "getConnectionURI":
        query.database_name = "neondb";
        query.role_name = owner_name;
        return parts();
      case "getProjectBranchSchema":
      case "getProjectBranchSchemaComparison":
        query.db_name = "neondb";
        return parts();
      default:
        return parts();
    }
  }

  async send(method: string, template: string, { path, query, body }: RequestParts) {
    const filled = template.replace(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(path[name] ?? ""),
    );
    const search = new URLSearchParams(query).toString();
    const url = `${this.#engine.url}${filled}${search && `?${search}`}`;
    const response = await this.#fetch(url, {
      method,
      headers: { authorization: `Bearer ${this.#engine.apiKey}` },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.text() };
  }

  /** Takes away what requests have made, and makes what they have taken away. */
  async tidy(): Promise<void> {
    const { project, main, branch, endpoint, bare } = this.#ids;
    const { call, send } = this.#engine;
    const inProject = `/projects/${project}`;
    const list = async <Item>(path: string, key: string) =>
      (await call<Record<string, Item[]>>(200, "GET", path))[key] ?? [];

    for (const { id } of await call<{ id: number }[]>(200, "GET", "/api_keys")) {
      await call(200, "DELETE", `/api_keys/${id}`);
    }
    const permissions = `${inProject}/permissions`;
    for (const { id } of await list<{ id: string }>(permissions, "project_permissions")) {
      await call(200, "DELETE", `${permissions}/${id}`);
    }
    for (const { id } of await list<{ id: string }>("/projects?limit=400", "projects")) {
      if (id !== project) await call(200, "DELETE", `/projects/${id}`);
    }
    const branches = await list<Branch>(`${inProject}/branches`, "branches");
    if (branches.find(({ id }) => id === main)?.default !== true) {
      await call(200, "POST", `${inProject}/branches/${main}/set_as_default`);
    }
    const kept = [main, branch, bare];
    // Newest first, so that children go before their parents.
    for (const { id, protected: isProtected } of byAge(branches)) {
      if (kept.includes(id)) continue;
      const path = `${inProject}/branches/${id}`;
      if (isProtected) await call(200, "PATCH", path, { branch: { protected: false } });
      await call(200, "DELETE", path);
    }
    for (const { id, branch_id } of await list<Endpoint>(`${inProject}/endpoints`, "endpoints")) {
      if (branch_id === bare) await call(200, "DELETE", `${inProject}/endpoints/${id}`);
    }
    const path = `${inProject}/branches/${branch}`;
    const current = branches.find(({ id }) => id === branch);
    if (current?.name !== "contract" || current.protected || current.expires_at) {
      await call(200, "PATCH", path, {
        branch: { name: "contract", protected: false, expires_at: null },
      });
    }
    await send("PATCH", `${inProject}/endpoints/${endpoint}`, { endpoint: { disabled: false } });
    for (const { name } of await list<Named>(`${path}/databases`, "databases")) {
      if (name === "neondb" || name === database) continue;
      await call(200, "DELETE", `${path}/databases/${encodeURIComponent(name)}`);
    }
    for (const { name } of await list<Named>(`${path}/roles`, "roles")) {
      if (name === owner_name || name === role) continue;
      await call(200, "DELETE", `${path}/roles/${encodeURIComponent(name)}`);
    }
    await send("POST", `${path}/roles`, { role: { name: role } });
    await send("POST", `${path}/databases`, { database: { name: database, owner_name } });
  }

  #make(path: string, body: object): Promise<{ branch?: Named; endpoint?: Named }> {
    return this.#engine.call(201, "POST", `/projects/${this.#ids.project}${path}`, body);
  }

  /** Resolves when nothing is removed in the background any more. */
  async settled(): Promise<void> {
    await this.tidy();
    await this.#engine.stop();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

interface Made {
  project?: { id: string };
  branch: { id: string };
  endpoints: { id: string }[];
  operations: { id: string }[];
}

interface Branch {
  id: string;
  name: string;
  default: boolean;
  protected: boolean;
  expires_at?: string;
  created_at: string;
}

interface Endpoint {
  id: string;
  branch_id: string;
}

interface Named {
  id: string;
  name: string;
}

const byAge = (branches: Branch[]) =>
  [...branches].sort((a, b) => b.created_at.localeCompare(a.created_at));
