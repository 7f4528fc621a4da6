import type { Checkout } from "./checkout.ts";
import { ended } from "./run.ts";

export interface Branch {
  id: string;
  name: string;
  parent_id?: string;
  last_reset_at?: string;
  default: boolean;
  protected: boolean;
}

/** What another client of the engine sees: Neon's API with the key that `ds engine env` prints. */
export class Api {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  static async of(checkout: Checkout): Promise<Api> {
    const { stdout } = ended(await checkout.run(["engine", "env"]), 0);
    const value = (name: string) => new RegExp(`${name}='?([^'\\s]+)'?`).exec(stdout)?.[1] ?? "";
    return new Api(
      value("NEON_API_HOST").replace(/(\/api\/v2)?\/?$/, "/api/v2"),
      value("NEON_API_KEY"),
    );
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      headers: { authorization: `Bearer ${this.key}`, accept: "application/json" },
    });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** The project with this name; tests make no two of one name. */
  async projectId(name: string): Promise<string> {
    const { projects } = await this.get<{ projects: { id: string; name: string }[] }>("/projects");
    const found = projects.find((project) => project.name === name);
    if (found === undefined) throw new Error(`No project ${name} in ${JSON.stringify(projects)}`);
    return found.id;
  }

  async branches(projectId: string): Promise<Branch[]> {
    return (await this.get<{ branches: Branch[] }>(`/projects/${projectId}/branches?limit=1000`))
      .branches;
  }

  /** What a command may have changed of the branches; their sizes change by themselves. */
  async standing(projectId: string): Promise<unknown[]> {
    const branches = await this.branches(projectId);
    return branches.map(({ id, name, parent_id, last_reset_at }) => [
      id,
      name,
      parent_id,
      last_reset_at,
    ]);
  }

  async urlOf(projectId: string, branch: Branch): Promise<string> {
    const query = `branch_id=${branch.id}&database_name=neondb&role_name=neondb_owner`;
    const path = `/projects/${projectId}/connection_uri?${query}`;
    return (await this.get<{ uri: string }>(path)).uri;
  }
}
