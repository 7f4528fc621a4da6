import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A stand-in of GitHub's API: one repository with its pull requests and comments, on loopback. It refuses what GitHub
 * refuses: unknown tokens, tokens that may only read, bodies that are too long, requests without a user agent.
 */

export interface StandInPull {
  number: number;
  state: "open" | "closed";
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string; sha: string; repo: { full_name: string } };
}

export interface StandInComment {
  id: number;
  html_url: string;
  body: string;
  user: { login: string; type: "User" | "Bot" };
}

interface Token {
  login: string;
  write: boolean;
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** What goes wrong with one request. */
export interface Fault extends Partial<Answer> {
  /** Method and the end of the path, such as `POST /comments`. */
  on: string;
  /** It is carried out all the same, and only its answer is lost. */
  after?: boolean;
  /** The connection is cut instead of an answer. */
  cut?: boolean;
}

const longest = 65_536;

export class StandInGitHub {
  readonly repository = "acme/shop";
  readonly tokens = new Map<string, Token>([
    ["t0ken-that-may-write", { login: "github-actions[bot]", write: true }],
    ["t0ken-that-may-read", { login: "github-actions[bot]", write: false }],
  ]);
  readonly pulls = new Map<number, StandInPull>();
  readonly comments = new Map<number, StandInComment[]>();
  /** Method and path of each request, with its status. */
  readonly requests: string[] = [];
  faults: Fault[] = [];
  /** Called before a comment is made: what another run does in this moment. */
  meanwhile: (() => void) | undefined;
  private nextId = 1_000;
  private server: Server | undefined;

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      void this.answer(request, response);
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => this.server?.close(done) ?? done(undefined));
  }

  get url(): string {
    if (this.server === undefined) throw new Error("it is not started");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a job of GitHub Actions has in its environment. */
  env(token: "write" | "read" | "none"): Record<string, string> {
    return {
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: this.url,
      GITHUB_GRAPHQL_URL: `${this.url}/graphql`,
      GITHUB_REPOSITORY: this.repository,
      ...(token === "none" ? {} : { GITHUB_TOKEN: `t0ken-that-may-${token}` }),
    };
  }

  pull(number: number, ref: string, sha: string, fork?: string): StandInPull {
    const pull: StandInPull = {
      number,
      state: "open",
      head: { ref, sha, repo: { full_name: fork ?? this.repository } },
      base: { ref: "main", sha: "b".repeat(40), repo: { full_name: this.repository } },
    };
    this.pulls.set(number, pull);
    return pull;
  }

  comment(pull: number, login: string, body: string): StandInComment {
    const id = this.nextId++;
    const made: StandInComment = {
      id,
      html_url: `https://github.example/${this.repository}/pull/${pull}#issuecomment-${id}`,
      body,
      user: { login, type: login.endsWith("[bot]") ? "Bot" : "User" },
    };
    this.comments.set(pull, [...(this.comments.get(pull) ?? []), made]);
    return made;
  }

  /** Bodies of the comments of one author. */
  bodies(pull: number, login = "github-actions[bot]"): string[] {
    return (this.comments.get(pull) ?? [])
      .filter(({ user }) => user.login === login)
      .map(({ body }) => body);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", "http://x");
    const call = `${request.method} ${url.pathname}`;
    const at = this.faults.findIndex(
      ({ on }) => call.startsWith(on.split(" ")[0] ?? "") && call.endsWith(on.split(" ")[1] ?? ""),
    );
    const [fault] = at === -1 ? [] : this.faults.splice(at, 1);
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined;
    const real = fault === undefined || fault.after ? this.route(request, url, body) : undefined;
    const { status = 500, body: sent, headers } = fault ?? real ?? {};
    this.requests.push(`${call} ${fault?.cut ? "cut" : status}`);
    if (fault?.cut) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
    response.end(sent === undefined ? undefined : JSON.stringify(sent));
  }

  private route(request: IncomingMessage, url: URL, body: { body?: string }): Answer {
    const { method = "", headers } = request;
    if (!headers["user-agent"])
      return { status: 403, body: { message: "Request forbidden by administrative rules." } };
    const token = this.tokens.get(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
    if (token === undefined) return { status: 401, body: { message: "Bad credentials" } };
    if (url.pathname === "/graphql") {
      return { status: 200, body: { data: { viewer: { login: token.login } } } };
    }
    const path = url.pathname.replace(`/repos/${this.repository}`, "");
    if (path === url.pathname) return missing;
    if (method !== "GET" && !token.write) {
      return { status: 403, body: { message: "Resource not accessible by integration" } };
    }
    const page = (all: unknown[]): Answer => {
      const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
      const from = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
      return { status: 200, body: all.slice(from, from + size) };
    };
    if (method === "GET" && path === "/pulls") {
      const [state, base] = [url.searchParams.get("state") ?? "open", url.searchParams.get("base")];
      return page(
        [...this.pulls.values()].filter(
          (pull) =>
            (state === "all" || pull.state === state) && (base === null || pull.base.ref === base),
        ),
      );
    }
    const [, pullNumber] = /^\/pulls\/(\d+)$/.exec(path) ?? [];
    if (method === "GET" && pullNumber !== undefined) {
      const pull = this.pulls.get(Number(pullNumber));
      return pull === undefined ? missing : { status: 200, body: pull };
    }
    const [, issue] = /^\/issues\/(\d+)\/comments$/.exec(path) ?? [];
    if (issue !== undefined) {
      if (!this.pulls.has(Number(issue))) return missing;
      if (method === "GET") return page(this.comments.get(Number(issue)) ?? []);
      if (method === "POST") return this.create(Number(issue), token, body);
    }
    const [, id] = /^\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    return id === undefined ? missing : this.change(method, Number(id), body);
  }

  private create(pull: number, token: Token, { body = "" }: { body?: string }): Answer {
    if ([...body].length > longest) return tooLong;
    this.meanwhile?.();
    return { status: 201, body: this.comment(pull, token.login, body.trim()) };
  }

  private change(method: string, id: number, { body = "" }: { body?: string } = {}): Answer {
    for (const [pull, comments] of this.comments) {
      const found = comments.find((comment) => comment.id === id);
      if (found === undefined) continue;
      if (method === "DELETE") {
        this.comments.set(
          pull,
          comments.filter((comment) => comment !== found),
        );
        return { status: 204 };
      }
      if (method === "PATCH") {
        if ([...body].length > longest) return tooLong;
        found.body = body.trim();
        return { status: 200, body: found };
      }
    }
    return missing;
  }
}

const missing: Answer = { status: 404, body: { message: "Not Found" } };
const tooLong: Answer = {
  status: 422,
  body: { message: "Validation Failed: body is too long (maximum is 65536 characters)" },
};
