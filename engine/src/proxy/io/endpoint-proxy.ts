import { connect, createServer, type Server, type Socket } from "node:net";
import { withDeadline } from "../../lib/io/with-deadline.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import { fatalMessage, requestCodes } from "../../postgres/wire-messages.ts";
import { type Login, LoginGate } from "./login-gate.ts";

const firstPacketTimeoutMs = 10_000;
/** Postgres' own limit (MAX_STARTUP_PACKET_LENGTH). */
const longestFirstPacket = 10_000;
/** For clients that are being told why they cannot connect, when the address goes. */
const farewellMs = 1_000;
/** Connections that have said nothing yet. */
const mostSilent = 500;

interface ProxyHooks {
  isDisabled(): boolean;
  onHttp(client: Socket): void;
  /** Waits while the branch's data is made; fails with the reason where it is not to be had. */
  untilReady(branchId: string): Promise<void>;
}

/**
 * The address of an endpoint: one port on 127.0.0.1 for its whole life. HTTP goes to the engine's
 * server, for the serverless driver; anything else is Postgres' protocol. A connection wakes the
 * compute with its first packet (a bare connect, as port scanners make, does not), and from then on
 * bytes are piped to Postgres unread, TLS included. While the compute is stopped for a restore,
 * connections wait.
 */
export class EndpointProxy {
  readonly port: number;
  #branchId: string;
  #compute: Compute;
  readonly #on: ProxyHooks;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #silent = new Set<Socket>();
  readonly #refusing = new Set<Promise<void>>();
  readonly #logins = new LoginGate(() => this.#compute.loggedInPorts());
  #bytesOfClosed = 0;

  constructor(endpoint: { port: number; branchId: string }, compute: Compute, on: ProxyHooks) {
    this.port = endpoint.port;
    this.#branchId = endpoint.branchId;
    this.#compute = compute;
    this.#on = on;
    this.#server = createServer({ noDelay: true, keepAlive: true }, (client) => {
      void this.#serve(client);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port: this.port, host: "127.0.0.1", backlog: 511 }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", () => {});
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Who waited for a branch that could not be made is told so.
    await withDeadline(farewellMs, Promise.all(this.#refusing));
    this.disconnectAll();
    await closed;
  }

  disconnectAll(): void {
    for (const client of this.#clients) client.destroy();
  }

  get branchId(): string {
    return this.#branchId;
  }

  /** Leads to another branch from now on; connections that wait for the old one go there, too. */
  moveTo(branchId: string, compute: Compute): void {
    this.#branchId = branchId;
    this.#compute = compute;
  }

  get connections(): number {
    return this.#clients.size;
  }

  /** Grows whenever a client sends something. */
  get bytesReceived(): number {
    let bytes = this.#bytesOfClosed;
    for (const client of this.#clients) bytes += client.bytesRead;
    return bytes;
  }

  async #serve(client: Socket): Promise<void> {
    this.#clients.add(client);
    client.on("error", () => client.destroy());
    client.once("close", () => {
      this.#clients.delete(client);
      this.#bytesOfClosed += client.bytesRead;
    });
    const first = await this.#firstPacketOf(client);
    if (!first) return;
    if (isHttp(first)) {
      client.unshift(first);
      this.#on.onHttp(client);
      client.resume();
      return;
    }
    const code = first.length >= 8 ? first.readInt32BE(4) : 0;
    if (code === requestCodes.cancel && !this.#compute.isRunning) {
      client.end();
      return;
    }
    try {
      if (this.#on.isDisabled()) throw new Error("the endpoint is disabled; enable it to connect");
      if (code === requestCodes.cancel) {
        const { port, ends } = await this.#awake();
        return await join(client, port, first, ends);
      }
      const login = await this.#logins.enter(client);
      const { port, ends } = await this.#awake();
      await join(client, port, first, ends, login);
    } catch (error) {
      const refusing = refuse(client, code, (error as Error).message);
      this.#refusing.add(refusing);
      await refusing.finally(() => this.#refusing.delete(refusing));
    }
  }

  async #firstPacketOf(client: Socket): Promise<Buffer | undefined> {
    this.#silent.add(client);
    if (this.#silent.size > mostSilent) {
      const [oldest] = this.#silent;
      oldest?.destroy();
    }
    const first = await firstPacket(client);
    this.#silent.delete(client);
    return first;
  }

  async #awake(): Promise<{ port: number; ends: () => void }> {
    for (;;) {
      const compute = this.#compute;
      await this.#on.untilReady(this.#branchId);
      const port = await compute.ensureRunning();
      // While the connection waited, the endpoint may have moved.
      if (this.#compute !== compute) continue;
      compute.touch();
      return { port, ends: compute.sessionBegins() };
    }
  }
}

/** Undefined where it does not come whole, or in time. */
function firstPacket(client: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const limit = setTimeout(() => client.destroy(), firstPacketTimeoutMs);
    const done = (packet: Buffer | undefined) => {
      clearTimeout(limit);
      client.off("data", onData);
      client.off("close", onClose);
      if (packet) client.pause();
      resolve(packet);
    };
    const onData = (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (isWhole(received)) done(received);
    };
    const onClose = () => done(undefined);
    client.on("data", onData);
    client.on("close", onClose);
  });
}

/** Of Postgres' protocol as long as it says; of any other, enough to tell it. */
function isWhole(packet: Buffer): boolean {
  if (packet[0] !== 0) return packet.length >= 8 || packet[0] === tlsHandshake;
  if (packet.length < 8) return false;
  return packet.length >= Math.min(packet.readInt32BE(0), longestFirstPacket);
}

/** TLS from the first byte (`sslnegotiation=direct`). */
const tlsHandshake = 0x16;

/** A method's name, where Postgres' protocol has the high byte of a length, 0, or TLS its 22. */
function isHttp(first: Buffer): boolean {
  return /^[A-Z]+ /.test(first.toString("latin1", 0, 8));
}

/** Resolves once Postgres is connected; the two sockets then live and die together. */
function join(
  client: Socket,
  port: number,
  first: Buffer,
  ends: () => void,
  login?: Login,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = connect({ port, host: "127.0.0.1", noDelay: true });
    server.once("close", ends);
    server.once("error", reject);
    server.once("connect", () => {
      server.off("error", reject);
      if (client.destroyed) {
        server.destroy();
        return resolve();
      }
      login?.connected(server);
      server.on("error", () => client.destroy());
      server.once("close", () => client.end());
      client.once("close", () => server.destroy());
      server.write(first);
      client.pipe(server);
      server.pipe(client);
      resolve();
    });
  });
}

/** Tells the client why, in the protocol's own words, so that psql prints it. */
async function refuse(client: Socket, firstCode: number, message: string): Promise<void> {
  if (client.destroyed) return;
  if (firstCode === requestCodes.ssl || firstCode === requestCodes.gss) {
    client.resume();
    client.write("N");
    await firstPacket(client);
  }
  client.end(fatalMessage(sqlState.cannotConnectNow, message));
}
