import { createServer, type Server, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { withDeadline } from "../../lib/io/with-deadline.ts";
import type { EndpointRecord } from "../../model/records.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import { fatalMessage, requestCodes } from "../../postgres/wire-messages.ts";
import { type Addressee, withoutEndpointOption } from "../startup-options.ts";
import { type Login, LoginGate } from "./login-gate.ts";
import { type Begun, beginSession, connectToServer } from "./tls-session.ts";

/** For clients that are being told why they cannot connect, when the address goes. */
const farewellMs = 1_000;
/** Connections that have said nothing yet. */
const mostSilent = 500;

interface ProxyHooks {
  isDisabled(): boolean;
  onHttp(client: Socket): void;
  /** Of Postgres' own certificate. */
  tlsContext: SecureContext;
  /** Waits while the branch's data is made; fails with the reason where it is not to be had. */
  untilReady(branchId: string): Promise<void>;
}

/**
 * The address of an endpoint: one port on 127.0.0.1 for its whole life. HTTP goes to the engine's
 * server, for the serverless driver; anything else is Postgres' protocol. A connection wakes the
 * compute with its first packet (a bare connect, as port scanners make, does not). TLS ends here and begins again, with
 * Postgres' own certificate, so that the start of a session can be read (see startup-options.ts); from then on bytes are
 * piped unread. While the compute is stopped for a restore, connections wait.
 */
export class EndpointProxy {
  readonly port: number;
  readonly #here: Addressee;
  #branchId: string;
  #compute: Compute;
  readonly #on: ProxyHooks;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  readonly #silent = new Set<Socket>();
  readonly #refusing = new Set<Promise<void>>();
  readonly #logins = new LoginGate(() => this.#compute.loggedInPorts());
  #bytesOfClosed = 0;

  constructor(
    endpoint: Pick<EndpointRecord, "id" | "projectId" | "port" | "branchId">,
    compute: Compute,
    on: ProxyHooks,
  ) {
    this.port = endpoint.port;
    this.#here = { endpointId: endpoint.id, projectId: endpoint.projectId };
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
    const begun = await this.#beginOf(client);
    if (!begun) return;
    if (isHttp(begun.first)) {
      client.unshift(begun.first);
      this.#on.onHttp(client);
      client.resume();
      return;
    }
    await this.#lead(client, begun);
  }

  async #lead(client: Socket, begun: Begun): Promise<void> {
    const { stream, first } = begun;
    const isCancel = first.length >= 8 && first.readInt32BE(4) === requestCodes.cancel;
    if (isCancel && !this.#compute.isRunning) {
      stream.end();
      return;
    }
    const admitted = withoutEndpointOption(first, this.#here);
    if ("refusal" in admitted) {
      return this.#refuse(stream, sqlState.serverRejectedConnection, admitted.refusal);
    }
    try {
      if (this.#on.isDisabled()) throw new Error("the endpoint is disabled; enable it to connect");
      const login = isCancel ? undefined : await this.#logins.enter(client);
      const { port, ends } = await this.#awake();
      await join(client, { ...begun, first: admitted.packet }, port, ends, login);
    } catch (error) {
      await this.#refuse(stream, sqlState.cannotConnectNow, (error as Error).message);
    }
  }

  /** Tells the client why, in the protocol's own words, so that psql prints it. */
  async #refuse(stream: Socket, state: string, message: string): Promise<void> {
    if (stream.destroyed) return;
    stream.resume();
    const refusing = new Promise<void>((resolve) => {
      stream.once("close", () => resolve());
      stream.end(fatalMessage(state, message), () => resolve());
    });
    this.#refusing.add(refusing);
    await refusing.finally(() => this.#refusing.delete(refusing));
  }

  async #beginOf(client: Socket): Promise<Begun | undefined> {
    this.#silent.add(client);
    if (this.#silent.size > mostSilent) {
      const [oldest] = this.#silent;
      oldest?.destroy();
    }
    const begun = await beginSession(client, this.#on.tlsContext);
    this.#silent.delete(client);
    return begun;
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

/** A method's name, where Postgres' protocol has the high byte of a length, 0, or TLS its 22. */
function isHttp(first: Buffer): boolean {
  return /^[A-Z]+ /.test(first.toString("latin1", 0, 8));
}

/** Resolves once Postgres is connected; the two sides then live and die together. */
async function join(
  client: Socket,
  { stream, first, isEncrypted }: Begun,
  port: number,
  ends: () => void,
  login?: Login,
): Promise<void> {
  const server = await connectToServer(port, isEncrypted).catch((error) => {
    ends();
    throw error;
  });
  server.socket.once("close", ends);
  server.stream.on("error", () => client.destroy());
  server.socket.on("error", () => client.destroy());
  if (client.destroyed) return void server.socket.destroy();
  login?.connected(server.socket);
  server.socket.once("close", () => stream.end());
  client.once("close", () => server.socket.destroy());
  server.stream.write(first);
  stream.pipe(server.stream);
  server.stream.pipe(stream);
}
