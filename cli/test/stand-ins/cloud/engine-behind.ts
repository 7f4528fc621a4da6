import { type Json, parsedJson } from "./json.ts";

/** The engine behind the stand-in, asked directly: how things are. */
export class EngineBehind {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const ask = () =>
      fetch(`${this.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.key}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    // The engine may end a connection that lay idle just when it is used again.
    const answer = await ask().catch((error) => {
      if (method === "GET") return ask();
      throw error;
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return parsedJson(text) as T;
  }

  async projects(search: string): Promise<{ id: string; name: string }[]> {
    const path = `/projects?limit=400&search=${search}`;
    return (await this.call<{ projects: { id: string; name: string }[] }>("GET", path)).projects;
  }

  async branches(project: string): Promise<{ id: string; name: string }[]> {
    const path = `/projects/${project}/branches?limit=400`;
    return (await this.call<{ branches: { id: string; name: string }[] }>("GET", path)).branches;
  }

  async connectionUrl(project: string, branch: string): Promise<string> {
    const query = `branch_id=${branch}&database_name=neondb&role_name=neondb_owner`;
    const path = `/projects/${project}/connection_uri?${query}`;
    return String((await this.call<Json>("GET", path)).uri);
  }
}
