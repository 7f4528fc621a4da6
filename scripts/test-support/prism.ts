import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { madeTool } from "../tools-folder.mjs";
import { tool } from "./needs.ts";
import { until } from "./until.ts";

/** The program that `npm run tools` installs. */
export const prism = tool("Prism", () => madeTool("prism", "node_modules", ".bin", "prism"));

const engineMember = new URL("../../engine/package.json", import.meta.url);

/** Neon's official description of its API. */
const description = join(
  dirname(createRequire(engineMember).resolve("@neondatabase/api-client/package.json")),
  "public-v2-for-users.gen.yaml",
);

const base = "/api/v2";

/**
 * Prism between a client and the engine: it holds every request and every answer against the description. Clients speak to a
 * server in front of it, as Prism knows no path before those of the description, and what is no part of the API goes to the
 * engine directly.
 */
export class PrismBetween {
  /** Method and path of a request, and what was wrong with it or with its answer. */
  readonly violations: string[] = [];
  requests = 0;
  readonly #server: Server;
  readonly #engine: URL;
  readonly #prism: ChildProcess;
  readonly #port: number;

  private constructor(engine: string, prism: ChildProcess, port: number) {
    this.#engine = new URL(engine);
    this.#prism = prism;
    this.#port = port;
    this.#server = createServer((asked, answer) => this.#serve(asked, answer));
  }

  /** `engine`: its address, with the API's path. */
  static async start(program: string, engine: string): Promise<PrismBetween> {
    const port = await freePort();
    const args = ["proxy", description, engine, "--port", String(port)];
    const child = spawn(process.execPath, [program, ...args], { stdio: "ignore" });
    const between = new PrismBetween(engine, child, port);
    const hopeless = () => (child.exitCode === null ? undefined : `it ended: ${child.exitCode}`);
    const answers = () => fetch(`http://127.0.0.1:${port}/auth`).then(({ status }) => status);
    await until("Prism", answers, { everyMs: 200, hopeless });
    between.#server.listen(0, "127.0.0.1");
    await once(between.#server, "listening");
    return between;
  }

  /** As NEON_API_HOST. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${base}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    const ended = once(this.#prism, "exit");
    this.#prism.kill();
    await ended;
  }

  #serve(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url ?? "/";
    const isOfApi = path.startsWith(`${base}/`);
    const { hostname, port } = this.#engine;
    const to = isOfApi
      ? { port: this.#port, path: path.slice(base.length) }
      : { port: Number(port), path };
    const { method = "GET" } = asked;
    const headers = { ...asked.headers, host: `${hostname}:${port}` };
    const forwarded = request({ host: "127.0.0.1", method, headers, ...to }, (got) => {
      if (isOfApi) this.#note(`${method} ${path}`, got.headers["sl-violations"]);
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    forwarded.on("error", (error) => answer.destroy(error));
    asked.pipe(forwarded);
  }

  #note(what: string, violations: string | string[] | undefined): void {
    this.requests += 1;
    if (violations !== undefined) this.violations.push(`${what}: ${String(violations)}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
