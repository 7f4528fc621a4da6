import type { Socket } from "node:net";
import type { ControlPlane } from "../../control-plane/api.ts";
import { WebSocketGateway } from "../../serverless/io/websocket.ts";
import { DrainGate } from "./drain-gate.ts";
import { type Listening, listen } from "./listen.ts";
import { createServer } from "./server.ts";

interface EngineApiOptions {
  apiKey: string;
  isMadeKey: (key: string, from?: string) => boolean;
  version: string;
  homeId: string;
  log: (line: string) => void;
}

/** The API of one engine: it listens before there is a control plane, for which its requests wait. */
export class EngineApi {
  readonly #gate: DrainGate;
  readonly #controlPlane: Promise<ControlPlane>;
  readonly #options: EngineApiOptions;
  #server: Listening | undefined;
  #stop = () => {};
  /** Hands the control plane to the requests. */
  ready: (controlPlane: ControlPlane) => void = () => {};
  /** Answers the requests that there will be none. */
  fail: (error: unknown) => void = () => {};

  constructor(options: EngineApiOptions) {
    this.#options = options;
    this.#gate = new DrainGate(options.homeId);
    this.#controlPlane = new Promise((resolve, reject) => {
      this.ready = resolve;
      this.fail = reject;
    });
    this.#controlPlane.catch(() => {});
  }

  /** Rejects with Node's own error (code EADDRINUSE, EACCES) when the port cannot be had. */
  async listen(port: number): Promise<void> {
    const stop = () => this.#stop();
    const app = createServer(this.#controlPlane, { ...this.#options, stop });
    const webSockets = new WebSocketGateway(this.#controlPlane);
    this.#server = await listen({ fetch: this.#gate.before(app.fetch) }, { port, webSockets });
  }

  /** Called when a client asks the engine to stop. */
  onStop(callback: () => void): void {
    this.#stop = callback;
  }

  /** Serves a connection that was accepted at an endpoint's address. */
  adopt(client: Socket): void {
    this.#server?.adopt(client);
  }

  /** Lets no request in any more, and waits for those under way; the port stays taken. */
  drain(): Promise<void> {
    return this.#gate.close();
  }

  /** Gives the port back. */
  async close(): Promise<void> {
    await this.#server?.close(0);
  }
}
