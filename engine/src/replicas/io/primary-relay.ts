import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Compute } from "../../postgres/io/compute.ts";

/**
 * Where a standby finds the server that it follows: a port of this process that leads to the branch's own server while that
 * runs. Servers have another port at each start, and all of an engine's are of one cluster by their identifiers: a standby
 * that remembered a port could come to another branch's, and take its log.
 */
export class PrimaryRelay {
  readonly #primary: () => Compute | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(primary: () => Compute | undefined) {
    this.#primary = primary;
    this.#server = createServer({ noDelay: true }, (client) => {
      this.#hold(client);
      void this.#serve(client).catch(() => client.destroy());
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port: 0, host: "127.0.0.1" }, resolve);
    });
    this.#server.on("error", () => {});
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }

  /** While the server can neither start nor stop, its port is certainly its own. It is not woken. */
  async #serve(client: Socket): Promise<void> {
    const primary = this.#primary();
    if (!primary) return void client.destroy();
    await primary.holdSteady(async (running) => {
      if (!running || client.destroyed) return void client.destroy();
      const server = connect({ port: running.port, host: "127.0.0.1", noDelay: true });
      this.#hold(server);
      server.once("close", primary.sessionBegins());
      await new Promise<void>((resolve, reject) => {
        server.once("connect", resolve);
        server.once("error", reject);
      });
      server.once("close", () => client.destroy());
      client.once("close", () => server.destroy());
      client.pipe(server);
      server.pipe(client);
    });
  }
}
