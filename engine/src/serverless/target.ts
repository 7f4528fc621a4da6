import {
  isMeant,
  type Named,
  otherEndpoint,
  splitOptions,
  withoutEndpointPrefix,
} from "../proxy/startup-options.ts";

/** Where a client of the serverless driver wants to go, as its connection string says it. */
export interface SqlTarget {
  port: number;
  role: string;
  password: string;
  database: string;
  applicationName?: string;
}

/** A request that is refused, or could not be carried out, for a reason that Postgres does not give. */
export class Refusal extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

/** What tells branches apart: a connection goes to an endpoint of this engine or nowhere. */
export interface Ports {
  /** The one of this engine's endpoints that has the port. */
  at(port: number): { id: string; projectId: string } | undefined;
  /** The port that the request itself came to, an endpoint's or the API's. */
  arrivedAt: number | undefined;
}

/**
 * Reads the header `Neon-Connection-String`. Throws Refusal; no message repeats the string, which
 * holds a password.
 */
export function parseConnectionString(text: string | undefined, ports: Ports): SqlTarget {
  if (!text) throw new Refusal("missing header: Neon-Connection-String");
  const url = parseUrl(text);
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw new Refusal("invalid connection string: it should start with postgresql://");
  }
  const database = decode(url.pathname.slice(1), "database name");
  const role = decode(url.username, "username");
  const password = decode(url.password, "password");
  if (!role) throw new Refusal("missing username in the connection string");
  if (!password) throw new Refusal("missing authentication credentials: required password");
  if (!database) throw new Refusal("missing database name in the connection string");
  if (`${role}${password}${database}`.includes("\0")) {
    throw new Refusal("invalid connection string: it holds a zero byte");
  }
  const port = endpointPort(url.hostname, url.port, ports);
  const own = withoutEndpointPrefix(password);
  const { named } = splitOptions(url.searchParams.get("options") ?? "");
  refuseOther([...named, ...(own.named ? [own.named] : [])], ports.at(port));
  const applicationName = url.searchParams.get("application_name")?.replaceAll("\0", "");
  return {
    port,
    role,
    password: own.password,
    database,
    ...(applicationName && { applicationName }),
  };
}

/** What a connection string names, in its options or before its password, has to be the endpoint that it leads to. */
function refuseOther(named: readonly Named[], endpoint: ReturnType<Ports["at"]>): void {
  if (!endpoint) return;
  const here = { endpointId: endpoint.id, projectId: endpoint.projectId };
  const other = named.find((each) => !isMeant(each, here));
  if (other) throw new Refusal(otherEndpoint(other.id, here));
}

/** Reads the WebSocket's `address=host:port`; without it the request's own port counts. */
export function parseAddress(address: string | null, ports: Ports): { port: number } {
  if (address === null) return { port: endpointPort("localhost", "", ports) };
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined || port === undefined) {
    throw new Refusal("invalid address: /v2?address=HOST:PORT names the endpoint");
  }
  return { port: endpointPort(host, port, ports) };
}

/** `portText` is empty where none was given. */
function endpointPort(host: string, portText: string, ports: Ports): number {
  const name = printable(portText ? `${host}:${portText}` : host);
  if (!/^(localhost|127\.0\.0\.1|\[?::1\]?)$/i.test(host)) {
    throw new Refusal(
      `the endpoint ${name} is not one of this engine's: it connects to its own branches, at localhost:PORT, and nowhere else`,
    );
  }
  const port = portText ? Number(portText) : ports.arrivedAt;
  if (port !== undefined && ports.at(port)) return port;
  throw new Refusal(
    portText
      ? `the requested endpoint could not be found: no branch of this engine is at ${name}; "ds db url" prints a branch's URL`
      : "the request names no port, and on this engine the port tells branches apart: send it to the branch's own, http://localhost:PORT/sql",
  );
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Refusal("invalid connection string: it is not a URL");
  }
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(`invalid connection string: the ${what} is not valid percent-encoded UTF-8`);
  }
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?").slice(0, 300);
}
