import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const host = "console.neon.tech";

/**
 * The engine by the name of Neon's cloud, for clients that speak to no other: a proxy that answers for this name alone, with a
 * certificate that only these clients are told to trust. Nothing leaves this machine.
 */
export class AsNeonCloud {
  readonly #folder: string;
  readonly #engine: URL;
  readonly #proxy: Server;
  readonly #cloud: TlsServer;

  /** `engine`: its address. */
  constructor(folder: string, engine: string) {
    this.#folder = folder;
    this.#engine = new URL(engine);
    const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
    const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", this.#path("key.pem")];
    const args = ["req", "-x509", ...made, "-out", this.#path("cert.pem"), ...names];
    execFileSync("openssl", args, { stdio: "ignore" });
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(this.#path(name)));
    this.#cloud = createTlsServer({ key, cert }, (asked, answer) => this.#forward(asked, answer));
    this.#proxy = createServer((_, answer) => answer.writeHead(403).end());
    this.#proxy.on("connect", ({ url }, socket) => {
      if (url !== `${host}:443`) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      return this.#cloud.emit("connection", socket);
    });
  }

  async start(): Promise<this> {
    this.#proxy.listen(0, "127.0.0.1");
    await once(this.#proxy, "listening");
    return this;
  }

  /** What makes a client written in Go go there. */
  get env(): Record<string, string> {
    const { port } = this.#proxy.address() as AddressInfo;
    return {
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NO_PROXY: "",
      SSL_CERT_FILE: this.#path("cert.pem"),
    };
  }

  stop(): void {
    this.#proxy.close();
    this.#proxy.closeAllConnections();
    this.#cloud.closeAllConnections();
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    const { hostname, port } = this.#engine;
    const { method, headers, url } = asked;
    const to = { host: "127.0.0.1", port, method, path: url };
    const options = { ...to, headers: { ...headers, host: `${hostname}:${port}` } };
    const forwarded = request(options, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    forwarded.on("error", (error) => answer.destroy(error));
    asked.pipe(forwarded);
  }
}
