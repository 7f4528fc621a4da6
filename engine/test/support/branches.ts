import pg from "pg";
import { operationsOver } from "./operations.ts";

/** What both a test engine and the daemon offer: a request with the status that is expected. */
export interface Caller {
  call<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body>;
}

export interface TestBranch {
  id: string;
  name: string;
  endpointId: string;
  /** As the owner, to the database neondb. */
  uri: string;
}

interface Bundle {
  project?: { id: string };
  branch: { id: string; name: string };
  endpoints: { id: string }[];
  connection_uris?: { connection_uri: string }[];
  operations: { id: string; project_id: string }[];
}

interface Restored {
  branch: Record<string, string>;
  operations: Bundle["operations"];
  /** Of a refusal. */
  code: string;
}

interface Listed {
  id: string;
  name: string;
  parent_id?: string;
  default: boolean;
}

/** One project, and its branches as tests want them: with an address to connect to. */
export class TestProject {
  readonly #engine: Caller;
  readonly id: string;
  readonly main: TestBranch;

  constructor(engine: Caller, id: string, main: TestBranch) {
    this.#engine = engine;
    this.id = id;
    this.main = main;
  }

  static async create(engine: Caller, settings: Record<string, unknown> = {}) {
    const made = await engine.call<Bundle>(201, "POST", "/projects", {
      project: { name: "core", ...settings },
    });
    await operationsOver(engine, made.operations);
    return new TestProject(engine, made.project?.id ?? "", toBranch(made));
  }

  call<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    return this.#engine.call<Body>(status, method, `/projects/${this.id}${path}`, body);
  }

  async branch(
    name: string,
    from?: TestBranch,
    settings: { branch?: object; endpoint?: object } = {},
  ): Promise<TestBranch> {
    const made = await this.call<Bundle>(201, "POST", "/branches", {
      branch: { name, ...(from && { parent_id: from.id }), ...settings.branch },
      endpoints: [{ type: "read_write", ...settings.endpoint }],
    });
    await operationsOver(this.#engine, made.operations);
    const branch = toBranch(made);
    // Left out of the answer when there are several roles or databases to choose from.
    return branch.uri ? branch : { ...branch, uri: await this.uriOf(branch) };
  }

  async list(): Promise<Listed[]> {
    return (await this.call<{ branches: Listed[] }>(200, "GET", "/branches?limit=1000")).branches;
  }

  delete(branch: TestBranch, status = 200): Promise<{ code: string }> {
    return this.call(status, "DELETE", `/branches/${branch.id}`);
  }

  /** With the status 200 it is over, and the branch is told as it is then. */
  async restore(branch: TestBranch, source: TestBranch, preserve?: string, status = 200) {
    const path = `/branches/${branch.id}`;
    const made = await this.call<Restored>(status, "POST", `${path}/restore`, {
      source_branch_id: source.id,
      ...(preserve && { preserve_under_name: preserve }),
    });
    if (status !== 200) return made;
    await operationsOver(this.#engine, made.operations);
    return { ...made, ...(await this.call<Pick<Restored, "branch">>(200, "GET", path)) };
  }

  suspend(branch: TestBranch): Promise<unknown> {
    return this.call(200, "POST", `/endpoints/${branch.endpointId}/suspend`);
  }

  async isRunning(branch: TestBranch): Promise<boolean> {
    const { endpoint } = await this.call<{ endpoint: { current_state: string } }>(
      200,
      "GET",
      `/endpoints/${branch.endpointId}`,
    );
    return endpoint.current_state === "active";
  }

  /** What a client that asks anew is told to connect with. */
  async uriOf(branch: TestBranch): Promise<string> {
    const path = `/connection_uri?branch_id=${branch.id}&role_name=neondb_owner&database_name=neondb`;
    return (await this.call<{ uri: string }>(200, "GET", path)).uri;
  }
}

function toBranch({ branch, endpoints, connection_uris }: Bundle): TestBranch {
  return {
    id: branch.id,
    name: branch.name,
    endpointId: endpoints[0]?.id ?? "",
    uri: connection_uris?.[0]?.connection_uri ?? "",
  };
}

/** A connection for one piece of work. The error of a session that was ended is the query's to tell. */
export async function connected<T>(
  config: string | pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(config);
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

export function sql<Row = Record<string, unknown>>(
  config: string | pg.ClientConfig,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return connected(config, async (client) => (await client.query(text, values)).rows as Row[]);
}

/** The same branch as somebody else, or in another database. */
export function uriWith(uri: string, change: { user?: string; password?: string; db?: string }) {
  const url = new URL(uri);
  if (change.user) url.username = change.user;
  if (change.password) url.password = change.password;
  if (change.db) url.pathname = `/${change.db}`;
  return url.toString();
}
