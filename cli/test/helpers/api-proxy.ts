import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

type Json = Record<string, unknown>;

interface Listed {
  branches?: Json[];
  annotations?: Json;
  endpoints?: Json[];
  branch?: Json;
  pagination?: Json;
}

/**
 * An API in front of the real one, which answers as it would have in another time: what is asked for goes
 * through, and fields of the answers are exchanged. It can fail, keep one waiting, and have more branches than there are.
 */
export class ApiProxy {
  /** Fields of branches, by name. */
  readonly branches = new Map<string, Json>();
  /** Fields of the endpoints of a branch, by its id. */
  readonly endpoints = new Map<string, Json>();
  /** Branches that there are besides, as the API would list them. */
  extra: Json[] = [];
  /** There are no others. */
  hidesReal = false;
  /** Requests that are answered with 500. */
  failing: RegExp | undefined;
  /** Called before a request goes on; `dropped`: it does not. */
  before: (request: string) => Promise<unknown> = async () => {};
  readonly answered: string[] = [];
  private readonly server: Server;

  private constructor(target: string, key: string) {
    this.server = createServer(async (request, response) => {
      const asked = `${request.method} ${request.url}`;
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      if ((await this.before(asked)) === "dropped") return request.destroy();
      if (this.failing?.test(asked)) {
        response.writeHead(400, { "content-type": "application/json" });
        return response.end('{"message":"out of order","code":""}');
      }
      // Pages are cut here, as there may be more branches than the real API knows of.
      const path = isList(asked) ? request.url?.split("?")[0] : request.url;
      const answer = await fetch(`${target}${path}`, {
        method: request.method ?? "GET",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        ...(body.length > 0 ? { body: Buffer.concat(body) } : {}),
      });
      const text = await answer.text();
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(text === "" ? "" : JSON.stringify(this.changed(JSON.parse(text), asked)));
      this.answered.push(asked);
    });
  }

  static async start(target: string, key: string): Promise<ApiProxy> {
    const proxy = new ApiProxy(target, key);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private changed(answer: Listed, asked: string): Listed {
    const branch = (one: Json) => ({ ...one, ...this.branches.get(String(one.name)) });
    const endpoint = (one: Json) => ({ ...one, ...this.endpoints.get(String(one.branch_id)) });
    return {
      ...answer,
      ...(answer.branches
        ? page([...(this.hidesReal ? [] : answer.branches.map(branch)), ...this.extra], asked)
        : {}),
      ...(answer.branch ? { branch: branch(answer.branch) } : {}),
      ...(answer.endpoints ? { endpoints: answer.endpoints.map(endpoint) } : {}),
    };
  }
}

const isList = (asked: string) => /^GET \S+\/branches(\?|$)/.test(asked);

function page(all: Json[], asked: string): Listed {
  const query = new URL(asked.split(" ")[1] ?? "", "http://x").searchParams;
  const from = Number(query.get("cursor") ?? 0);
  const next = from + Number(query.get("limit") ?? all.length);
  return {
    branches: all.slice(from, next),
    pagination: next < all.length ? { next: String(next) } : {},
  };
}
