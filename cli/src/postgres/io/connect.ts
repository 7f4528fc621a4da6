import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { ClientConfig, Client as PgClient } from "pg";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import { Backoff } from "../../lib/io/backoff.ts";
import { redact } from "../../lib/text/redact.ts";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";
import {
  addressOf,
  type ConnectionParts,
  isLocalHost,
  parseConnectionUrl,
} from "../connection-url.ts";
import { driverMeans } from "../driver-messages.ts";
import { proxySays } from "../neon-proxy-says.ts";
import { sqlState } from "../sqlstate.ts";

export interface ConnectOptions {
  /** What the address is, for errors: `branch dev-phil-local`. */
  what: string;
  applicationName?: string;
  /** The address to connect to where the URL says `localhost`; see `loopbackOf`. */
  loopback?: string | undefined;
  /** Milliseconds; a suspended compute, or an archived branch, has to wake within it. Default: 30 s here, 60 s elsewhere. */
  timeoutMs?: number;
  /** Gives up while the connection is being opened; it does not end one that is open. */
  signal?: AbortSignal;
}

/** The driver: worth loading while the API is being waited for, when a connection is to follow. */
export const loadPostgres = once(async () => (await import("pg")).default);

/**
 * A connection, or one sentence of why there is none, with code UPSTREAM and no password in it.
 *
 * TLS: `sslmode` in the URL decides as libpq has it, except that `require` verifies no less than
 * `verify-full` does (as Neon's certificates are public ones). Without it: none to this machine,
 * `verify-full` to any other.
 */
export async function connectPostgres(url: string, options: ConnectOptions): Promise<PgClient> {
  const parts = parseConnectionUrl(url);
  const { timeoutMs = isLocalHost(parts.host) ? 30_000 : 60_000, signal } = options;
  const backoff = new Backoff({
    firstPause: 500,
    longestPause: 4_000,
    deadline: Date.now() + timeoutMs,
    signal: signal ?? new AbortController().signal,
  });
  for (;;) {
    try {
      return await connectOnce(parts, { ...options, timeoutMs });
    } catch (error) {
      const failure = connectError(error, `${options.what} at ${addressOf(parts)}`);
      const passes = proxySays((error as Error).message)?.passes === true;
      if (!passes || backoff.isNextTooLate || signal?.aborted) throw failure;
      await backoff.wait().catch(() => {
        throw failure;
      });
    }
  }
}

async function connectOnce(
  parts: ConnectionParts,
  options: ConnectOptions & { timeoutMs: number },
): Promise<PgClient> {
  const { Client } = await loadPostgres();
  const ssl = tlsFor(parts.host, parts.parameters.sslmode);
  // A certificate is for the name.
  const address = parts.host === "localhost" && ssl === false ? options.loopback : undefined;
  const config: ClientConfig = {
    host: address ?? parts.host,
    port: parts.port,
    user: parts.user,
    database: parts.database,
    application_name: options.applicationName ?? "ds",
    connectionTimeoutMillis: options.timeoutMs,
    ssl,
    keepAlive: true,
    ...(parts.password === undefined ? {} : { password: parts.password }),
  };
  if (ssl) trustExtraCertificates();
  const client = new Client(config);
  const isVerified = typeof ssl === "object" && ssl.rejectUnauthorized === true;
  const isProven = isVerified || parts.password === undefined ? undefined : requireScram(client);
  // Without a listener a connection that drops between two queries would end the process.
  client.on("error", () => {});
  const giveUp = () => socketOf(client).destroy();
  options.signal?.addEventListener("abort", giveUp);
  try {
    options.signal?.throwIfAborted();
    await client.connect();
    // The driver may have read the end of the login before it noticed that the socket is gone.
    if (isProven?.() === false) throw unprovenServer();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
  }
  return client;
}

/** Of a server whose login proves nothing: it may be anybody's program, which has the port now. */
const unproven = "SERVER_UNPROVEN";

/**
 * Where no certificate says whose server it is, the login has to (libpq's `require_auth=scram-sha-256`): with SCRAM no
 * password is sent, and the server proves that it knows it. The driver has no such setting, but announces what
 * the server asks for before it answers.
 */
function requireScram(client: PgClient): () => boolean {
  const { connection } = client as unknown as { connection: EventEmitter };
  const refuse = () => socketOf(client).destroy(unprovenServer());
  let hasProven = false;
  connection.on("authenticationCleartextPassword", refuse);
  connection.on("authenticationMD5Password", refuse);
  connection.on("authenticationSASLFinal", () => {
    hasProven = true;
  });
  connection.on("authenticationOk", () => {
    if (!hasProven) refuse();
  });
  return () => hasProven;
}

const unprovenServer = () =>
  Object.assign(new Error("the server does not prove that it knows the password"), {
    code: unproven,
  });

/** The driver has no way of its own to stop connecting. */
function socketOf(client: PgClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

/** Connects, works, and closes whatever happens. */
export async function withPostgres<T>(
  url: string,
  options: ConnectOptions,
  work: (client: PgClient) => Promise<T>,
): Promise<T> {
  const client = await connectPostgres(url, options);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function tlsFor(host: string, sslmode: string | undefined): ClientConfig["ssl"] {
  switch (sslmode) {
    case "disable":
    case "allow":
      return false;
    case "no-verify":
      return { rejectUnauthorized: false };
    case "prefer":
      return isLocalHost(host) ? false : { rejectUnauthorized: false };
    case undefined:
      return isLocalHost(host) ? false : { rejectUnauthorized: true };
    case "require":
      // This machine's server has a certificate of its own making; nobody sits in between.
      return { rejectUnauthorized: !isLocalHost(host) };
    default:
      return { rejectUnauthorized: true };
  }
}

/** What kept us from connecting, by the system's or the server's code, and what helps. */
const reasons: Record<string, [reason: string, hint: string]> = {
  ECONNREFUSED: ["nothing listens there", "For a local branch, see what runs: ds engine status"],
  ENOTFOUND: ["the host name does not resolve", "Check the host in the URL."],
  ETIMEDOUT: [
    "it does not answer in time",
    "Check the host in the URL, and the network. A branch that was archived may need longer at its first connection: try again.",
  ],
  [unproven]: [
    "it does not log in with SCRAM, so it may be another program that would get the password",
    "See what listens there. A server of yours needs scram-sha-256 in its pg_hba.conf, or a URL with sslmode=verify-full.",
  ],
  [sqlState.invalidPassword]: ["the password is wrong", "A branch's current address: ds db url"],
  [sqlState.invalidAuthorizationSpecification]: [
    "the role may not log in",
    "A branch's current address: ds db url",
  ],
  [sqlState.invalidCatalogName]: [
    "there is no such database",
    "Name the right one in the URL, or as `database` in ds.config.ts.",
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    "its certificate is self-signed",
    "A local branch has no other; its own address does not ask for a verified one: ds db url",
  ],
};

function connectError(error: unknown, what: string): DsError {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  const key = driverMeans(message) === "TIMED_OUT" ? "ETIMEDOUT" : code;
  const said = proxySays(message);
  const [reason = redact(message.split("\n")[0] ?? ""), hint] =
    said === undefined ? (reasons[key] ?? []) : [said.reason, said.hint];
  return new DsError("UPSTREAM", `cannot connect to ${what}: ${reason}`, {
    details: code ? { cause: code } : {},
    cause: error,
    ...(hint ? { hint } : {}),
  });
}
