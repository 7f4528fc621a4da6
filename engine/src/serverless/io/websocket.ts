import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { ControlPlane } from "../../control-plane/api.ts";
import { isLoopbackHost, isLoopbackOrigin } from "../../lib/loopback.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import { fatalMessage, requestCodes } from "../../postgres/wire-messages.ts";
import { parseAddress, Refusal } from "../target.ts";
import { relayLogIn } from "./login.ts";
import { readStartup } from "./wire-protocol.ts";

const logInTimeoutMs = 60_000;
const closeTimeoutMs = 1000;

/**
 * `/v2`, or `/v2?address=HOST:PORT` at the API's own port: Postgres' protocol in a WebSocket, for `Pool` and `Client` of Neon's
 * serverless driver. The address must be one of this engine's endpoints. Takes no API key: Postgres
 * asks for the role's password.
 */
export class WebSocketGateway {
  readonly #controlPlane: Promise<ControlPlane>;
  readonly #open = new Set<WebSocket>();
  #server: Promise<WebSocketServer> | undefined;

  constructor(controlPlane: Promise<ControlPlane>) {
    this.#controlPlane = controlPlane;
  }

  /** Handles an `upgrade` event of Node's HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    this.#upgrade(request, socket, head).catch(() => {
      refuseUpgrade(socket, "400 Bad Request", "this is not a request for a WebSocket");
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { host = "", origin } = request.headers;
    const url = new URL(request.url ?? "/", "ws://localhost");
    if (!isLoopbackHost(host) || (origin !== undefined && !isLoopbackOrigin(origin))) {
      return refuseUpgrade(socket, "403 Forbidden", "the engine answers this machine only");
    }
    if (url.pathname !== "/v2") {
      return refuseUpgrade(socket, "404 Not Found", "WebSockets are served at /v2");
    }
    const server = await this.#loadServer();
    server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#open.add(webSocket);
      webSocket.once("close", () => this.#open.delete(webSocket));
      void this.#serve(webSocket, url, request.socket.localPort);
    });
  }

  /** Ends every connection, in order where the client takes part in it. */
  close(): void {
    for (const webSocket of this.#open) {
      webSocket.close(1001, "the engine stops");
      const cutOff = setTimeout(() => webSocket.terminate(), closeTimeoutMs);
      webSocket.once("close", () => clearTimeout(cutOff));
    }
  }

  async #loadServer(): Promise<WebSocketServer> {
    this.#server ??= import("ws").then(
      ({ WebSocketServer }) => new WebSocketServer({ noServer: true, perMessageDeflate: false }),
    );
    return this.#server;
  }

  async #serve(webSocket: WebSocket, url: URL, arrivedAt: number | undefined): Promise<void> {
    const { createWebSocketStream } = await import("ws");
    const client = createWebSocketStream(webSocket);
    client.on("error", () => webSocket.terminate());
    const timeout = setTimeout(() => webSocket.terminate(), logInTimeoutMs);
    try {
      const startup = await readStartup(client);
      if (!startup) return;
      const controlPlane = await this.#controlPlane;
      const { port } = parseAddress(url.searchParams.get("address"), {
        at: (candidate) => controlPlane.endpointAt(candidate),
        arrivedAt,
      });
      const connectToServer = () => connectTo(port, client);
      const isSpecial = Object.values(requestCodes).includes(startup.code);
      const server = isSpecial
        ? await connectToServer()
        : await relayLogIn(client, startup.whole, connectToServer);
      if (!server) return;
      // TLS and cancel requests are between the client and Postgres.
      if (isSpecial) server.write(startup.whole);
      server.once("close", () => client.end());
      client.pipe(server);
      server.pipe(client);
    } catch (error) {
      const { serverRejectedConnection, connectionFailure } = sqlState;
      const code = error instanceof Refusal ? serverRejectedConnection : connectionFailure;
      client.end(fatalMessage(code, (error as Error).message));
    } finally {
      clearTimeout(timeout);
    }
  }
}

/** Connects to an endpoint's own address: that wakes the branch, and counts as its activity. */
function connectTo(port: number, client: Duplex): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    server.once("error", reject);
    server.once("connect", () => {
      server.off("error", reject);
      server.on("error", () => server.destroy());
      client.once("close", () => server.destroy());
      if (client.destroyed) server.destroy();
      resolve(server);
    });
  });
}

function refuseUpgrade(socket: Duplex, status: string, message: string): void {
  const body = JSON.stringify({ message });
  const head = [
    `HTTP/1.1 ${status}`,
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
