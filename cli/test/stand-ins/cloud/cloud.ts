import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dressed } from "./dressing.ts";
import { type Fault, type FaultRates, Faults, usualRates } from "./faults.ts";
import { type Json, parsedJson } from "./json.ts";
import { LateOperations } from "./late-operations.ts";
import { Random } from "./random.ts";

/** Whose key a request has: a person's, an organization's, or one project's. */
export type KeyKind = "personal" | "organization" | "project";

export const keyOf = (kind: KeyKind): string => `napi_${kind}_0123456789`;

export interface CloudOptions {
  /** Of the engine that does the work: base URL and key. */
  engine: { url: string; key: string };
  seed: number;
  rates?: FaultRates;
  /** How long an operation takes, in milliseconds. */
  operationMs?: [least: number, most: number];
}

interface Asked {
  method: string;
  /** Below /api/v2, without its query. */
  path: string;
  query: URLSearchParams;
  body: Json;
  key: KeyKind;
}

interface Answer {
  status: number;
  body: Json | string;
  headers?: Record<string, string>;
}

const refusal = (status: number, message: string, code = ""): Answer => ({
  status,
  body: { request_id: "0a1b2c3d", code, message },
});

/**
 * Stands in for Neon's cloud: an API in front of the real engine that is as strict as Neon's, and as unreliable. After
 * Neon's OpenAPI description and recordings of its answers.
 */
export class CloudStandIn {
  readonly faults: Faults;
  readonly asked: string[] = [];
  organizations: Json[] = [{ id: "org-cool-moon-12345678", name: "Acme" }];
  branchesLimit = 5_000;
  storesPasswords = true;
  readonly branches = new Map<string, Json>();
  /** Decides instead of chance: a fault, or `undefined` for none. */
  script: ((method: string, path: string) => Fault | undefined) | undefined;
  /** The one that a project's key is of. */
  ownProject = "";
  readonly #late = new LateOperations();
  readonly #random: Random;
  readonly #options: CloudOptions;
  readonly #organizationOf = new Map<string, string>();
  readonly #server: Server;

  private constructor(options: CloudOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
    this.faults = new Faults(this.#random, options.rates ?? usualRates);
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        response.destroy(error as Error);
      });
    });
  }

  static async start(options: CloudOptions): Promise<CloudStandIn> {
    const cloud = new CloudStandIn(options);
    cloud.#server.listen(0, "127.0.0.1");
    await once(cloud.#server, "listening");
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await this.#read(request);
    if (asked === undefined) return send(response, refusal(401, "invalid api key"));
    const { method, path } = asked;
    this.asked.push(`${method} ${path}`);
    const isChange = method !== "GET";
    const fault = this.script ? this.script(method, path) : this.faults.next(isChange);
    if (fault?.is === "cut") return void response.destroy();
    if (fault?.is === "refused") return send(response, failing(fault));
    if (fault?.is === "busy") {
      this.#late.occupy(projectIn(path) ?? "", this.#operationMs());
    }
    const answer = await this.#answer(asked);
    if (fault?.is !== "lost") return send(response, answer);
    if (typeof fault.how === "number") return send(response, { status: fault.how, body: "<html>" });
    if (fault.how === "half") return sendHalf(response, answer);
    response.destroy();
  }

  async #read(request: IncomingMessage): Promise<Asked | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const kinds: KeyKind[] = ["personal", "organization", "project"];
    const key = kinds.find((kind) => request.headers.authorization === `Bearer ${keyOf(kind)}`);
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    return (
      key && {
        method: request.method ?? "GET",
        path: pathname.replace(/^\/api\/v2/, ""),
        query: searchParams,
        body: parsedJson(Buffer.concat(chunks).toString()),
        key,
      }
    );
  }

  async #answer(asked: Asked): Promise<Answer> {
    const { method, path, query, key } = asked;
    if (path === "/users/me/organizations") {
      const organizations =
        key === "personal" ? this.organizations : this.organizations.slice(0, 1);
      return { status: 200, body: { organizations } };
    }
    if (path === "/projects") return await this.#projects(asked);
    const project = projectIn(path) ?? "";
    if (key === "project" && project !== this.ownProject) return refusal(404, "project not found");
    if (query.get("cursor")?.startsWith("end-")) return this.#lastPage(path);
    if (method !== "GET" && this.#late.isBusy(project)) {
      this.faults.count("423");
      const text =
        "project already has running conflicting operations, scheduling of new ones is prohibited";
      return refusal(423, text);
    }
    if (path.endsWith("/connection_uri") && !this.storesPasswords) {
      return refusal(412, "Storing passwords is disabled");
    }
    if (method === "POST" && /\/branches$/.test(path) && (await this.#isFull(project))) {
      return refusal(422, "branches limit exceeded", "BRANCHES_LIMIT_EXCEEDED");
    }
    const answer = await this.#forward(asked);
    if (method === "POST" && /\/branches$/.test(path)) await this.#changePasswords(answer);
    return this.#dressed(asked, answer);
  }

  /** A branch of a protected one does not open the other way round. */
  async #changePasswords({ status, body }: Answer): Promise<void> {
    const { branch } = body as { branch?: Json };
    if (status >= 300 || branch?.parent_id === undefined) return;
    const path = `/projects/${branch.project_id}/branches`;
    const ask = (method: string, rest: string) =>
      this.#forward({
        method,
        path: `${path}${rest}`,
        query: new URLSearchParams(),
        body: {},
        key: "personal",
      });
    const parent = (await ask("GET", `/${branch.parent_id}`)).body as { branch: Json };
    if (parent.branch.protected !== true) return;
    await ask("POST", `/${branch.id}/roles/neondb_owner/reset_password`);
  }

  /** A personal key has to say which organization is meant, and a project's may neither list nor make any. */
  async #projects(asked: Asked): Promise<Answer> {
    const { method, query, key, body } = asked;
    if (key === "project") return refusal(403, "not allowed for project-scoped API keys");
    const wanted = (body.project ?? {}) as Json;
    const named = method === "GET" ? query.get("org_id") : wanted.org_id;
    const own = key === "organization" ? this.organizations[0]?.id : undefined;
    const organization = String(named ?? own ?? "");
    if (organization === "") {
      return refusal(400, "org_id is required, you can find it on your organization settings page");
    }
    if (!this.organizations.some(({ id }) => id === organization)) {
      return refusal(403, "user is not a member of the organization");
    }
    query.delete("org_id");
    if (query.get("cursor")?.startsWith("end-")) return this.#lastPage("/projects");
    delete wanted.org_id;
    const answer = await this.#forward(asked);
    const found = answer.body as Json;
    if (method === "POST" && answer.status < 300) {
      this.#organizationOf.set(String((found.project as Json).id), organization);
    }
    if (Array.isArray(found.projects)) {
      found.projects = found.projects.filter(
        ({ id }) => (this.#organizationOf.get(String(id)) ?? organization) === organization,
      );
    }
    return this.#dressed(asked, answer);
  }

  /** The cloud gives a cursor with the last page, too; behind it there is nothing. */
  #lastPage(path: string): Answer {
    const list = path.split("/").at(-1) ?? "";
    return { status: 200, body: { [list]: [], annotations: {}, pagination: { cursor: "end-x" } } };
  }

  #dressed({ method, query }: Asked, { status, body }: Answer): Answer {
    if (typeof body === "string" || status >= 300) return { status, body };
    if (method !== "GET" && Array.isArray(body.operations)) {
      this.#late.add(body.operations, () => this.#operationMs());
    }
    const { branchesLimit, branches } = this;
    const dressing = { late: this.#late, branchesLimit, branches };
    const isPooled = query.get("pooled") === "true";
    const { pagination, ...rest } = dressed(body, dressing, isPooled);
    const isList =
      method === "GET" && ["projects", "branches", "endpoints"].some((list) => list in body);
    const { next, cursor } = (pagination ?? {}) as Json;
    const onwards = next ?? cursor ?? "end-x";
    const page = isList ? { pagination: { cursor: onwards, next: onwards } } : { pagination };
    return { status, body: { ...rest, ...page } };
  }

  async #isFull(project: string): Promise<boolean> {
    const path = `/projects/${project}/branches/count`;
    const query = new URLSearchParams();
    const asked = { method: "GET", path, query, body: {}, key: "personal" as const };
    const { body } = await this.#forward(asked);
    return Number((body as Json).count) >= this.branchesLimit;
  }

  async #forward({ method, path, query, body }: Asked): Promise<Answer> {
    const { url, key } = this.#options.engine;
    const search = query.size === 0 ? "" : `?${query}`;
    const answer = await fetch(`${url}${path}${search}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      ...(method === "GET" || method === "DELETE" ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: parsedJson(await answer.text()) };
  }

  #operationMs(): number {
    const [least, most] = this.#options.operationMs ?? [20, 150];
    return this.#random.between(least, most);
  }
}

const projectIn = (path: string): string | undefined => /^\/projects\/([^/]+)/.exec(path)?.[1];

function failing({ status, retryAfter }: Extract<Fault, { is: "refused" }>): Answer {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  // Gateways answer with a page of their own.
  if (status === 502 || status === 504) return { status, body: "<html>", headers };
  return { ...refusal(status, status === 429 ? "too many requests" : "internal error"), headers };
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const isPage = typeof body === "string";
  response.writeHead(status, {
    "content-type": isPage ? "text/html" : "application/json",
    ...headers,
  });
  if (status === 204) response.end();
  else response.end(isPage ? body : JSON.stringify(body));
}

function sendHalf(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.write(text.slice(0, text.length / 2), () => response.destroy());
}
