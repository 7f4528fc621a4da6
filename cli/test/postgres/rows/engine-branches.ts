import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../../scripts/test-support/until.ts";
import type { ChangedPagesAnswer } from "../../../src/neon/io/database-calls.ts";
import type { AskPages } from "../../../src/postgres/rows/io/page-plans.ts";
import { pagesUnknown } from "../../../src/postgres/rows/pages.ts";
import type { DsProject } from "../../helpers/ds-project.ts";

export interface EngineBranch {
  id: string;
  name: string;
  url: string;
  endpointId: string;
}

interface Operation {
  id: string;
  project_id: string;
  status: string;
}

interface Made {
  project?: { id: string };
  branch: { id: string; name: string };
  endpoints: { id: string }[];
  operations: Operation[];
}

/** A project of an engine, and its branches, by the API. */
export class EngineBranches {
  readonly #api: string;
  readonly #key: string;
  #project = "";
  #count = 0;

  private constructor(api: string, key: string) {
    this.#api = api;
    this.#key = key;
  }

  /** The engine of the project's home, which it starts; with room for prepared transactions. */
  static async start(at: DsProject): Promise<{ branches: EngineBranches; main: EngineBranch }> {
    const { stdout, stderr } = await at.run(["engine", "env", "--json"]);
    if (stdout === "") throw new Error(stderr);
    const api = (JSON.parse(stdout) as { NEON_API_HOST: string }).NEON_API_HOST;
    const key = readFileSync(join(at.home, "api-key"), "utf8").trim();
    const branches = new EngineBranches(api, key);
    const made = await branches.call<Made>("POST", "/projects", {
      project: {
        name: "histories",
        default_endpoint_settings: { pg_settings: { max_prepared_transactions: "5" } },
      },
    });
    branches.#project = made.project?.id ?? "";
    await branches.#over(made.operations);
    const main = await branches.#toBranch(made);
    // Its first start was before it had its endpoint's settings.
    await branches.suspend(main);
    return { branches, main };
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#api}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  async branch(from: EngineBranch, at?: string): Promise<EngineBranch> {
    const made = await this.#in<Made>("POST", "/branches", {
      branch: {
        name: this.newName(),
        parent_id: from.id,
        ...(at === undefined ? {} : { parent_timestamp: at }),
      },
      endpoints: [{ type: "read_write" }],
    });
    await this.#over(made.operations);
    return this.#toBranch(made);
  }

  /** Gives the branch the source's data, as it is or was; what it had before is a branch that is returned. */
  async restore(branch: EngineBranch, source: EngineBranch, at?: string): Promise<EngineBranch> {
    const name = this.newName();
    const { operations } = await this.#in<Made>("POST", `/branches/${branch.id}/restore`, {
      source_branch_id: source.id,
      preserve_under_name: name,
      ...(at === undefined ? {} : { source_timestamp: at }),
    });
    await this.#over(operations);
    const kept = (await this.#list()).find((each) => each.name === name);
    const id = kept?.id ?? "";
    const made = await this.#in<{ endpoint: { id: string }; operations: Operation[] }>(
      "POST",
      "/endpoints",
      {
        endpoint: { branch_id: id, type: "read_write" },
      },
    );
    await this.#over(made.operations);
    return this.#toBranch({ branch: { id, name }, endpoints: [made.endpoint] });
  }

  /** A branch of a snapshot of the branch. */
  async throughSnapshot(branch: EngineBranch, between: () => Promise<void>): Promise<EngineBranch> {
    const taken = await this.#in<{ snapshot: { id: string }; operations: Operation[] }>(
      "POST",
      `/branches/${branch.id}/snapshot`,
      {},
    );
    await this.#over(taken.operations);
    await between();
    const made = await this.#in<Made>("POST", `/snapshots/${taken.snapshot.id}/restore`, {
      name: this.newName(),
    });
    await this.#over(made.operations);
    await this.#in("DELETE", `/snapshots/${taken.snapshot.id}`);
    return this.#toBranch(made);
  }

  suspend(branch: EngineBranch): Promise<unknown> {
    return this.#in("POST", `/endpoints/${branch.endpointId}/suspend`);
  }

  newName(): string {
    this.#count += 1;
    return `branch-${this.#count}`;
  }

  /** All but these. */
  async deleteAll(...kept: EngineBranch[]): Promise<void> {
    const isKept = (id: string) => kept.some((branch) => branch.id === id);
    for (;;) {
      const branches = (await this.#list()).filter(({ id }) => !isKept(id));
      if (branches.length === 0) return;
      const parents = new Set(branches.map((branch) => branch.parent_id));
      const leaves = branches.filter(({ id }) => !parents.has(id));
      await Promise.all(leaves.map(({ id }) => this.#in("DELETE", `/branches/${id}`)));
    }
  }

  ask(base: EngineBranch, branch: EngineBranch): AskPages {
    return async () => {
      const query = `base_branch_id=${base.id}&db_name=neondb`;
      const path = `/ds/projects/${this.#project}/branches/${branch.id}/changed_pages?${query}`;
      const answer = await this.call<ChangedPagesAnswer>("GET", path);
      if (!("unknown" in answer)) return answer;
      return pagesUnknown.find((known) => known === answer.unknown) ?? "NOT_OFFERED";
    };
  }

  #in<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call(method, `/projects/${this.#project}${path}`, body);
  }

  async #list(): Promise<{ id: string; name: string; parent_id?: string }[]> {
    const path = "/branches?limit=1000";
    return (await this.#in<{ branches: { id: string; name: string }[] }>("GET", path)).branches;
  }

  async #toBranch({
    branch,
    endpoints,
  }: Pick<Made, "branch" | "endpoints">): Promise<EngineBranch> {
    const path = `/connection_uri?branch_id=${branch.id}&role_name=neondb_owner&database_name=neondb`;
    const { uri } = await this.#in<{ uri: string }>("GET", path);
    const { id, name } = branch;
    return { id, name, url: uri, endpointId: endpoints[0]?.id ?? "" };
  }

  async #over(operations: readonly Operation[]): Promise<void> {
    for (const { id, project_id: project } of operations) {
      await until(`operation ${id}`, async () => {
        const path = `/projects/${project}/operations/${id}`;
        const { operation } = await this.call<{ operation: Operation }>("GET", path);
        return operation.status === "finished";
      });
    }
  }
}
