import { DsError } from "../errors/ds-error.ts";

export interface ConnectionParts {
  user: string;
  password: string | undefined;
  host: string;
  port: number;
  database: string;
  /** Query parameters such as sslmode, in their order. */
  parameters: Record<string, string>;
}

/** Parses a Postgres URL; an error never repeats the text, as there may be a password in it. */
export function parseConnectionUrl(text: string, what = "the connection string"): ConnectionParts {
  const invalid = (problem: string) =>
    new DsError("USAGE", `${what} is not a Postgres URL: ${problem}`, {
      reason: "NOT_A_CONNECTION_URL",
      hint: "It looks like postgresql://role:password@host:5432/database",
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid("it cannot be parsed");
  }
  if (url.protocol !== "postgresql:" && url.protocol !== "postgres:") {
    throw invalid("it does not begin with postgresql://");
  }
  if (url.hostname === "") throw invalid("it names no host");
  const decode = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw invalid("a % in it does not encode anything");
    }
  };
  const user = decode(url.username);
  if (user === "") throw invalid("it names no role");
  return {
    user,
    password: url.password === "" ? undefined : decode(url.password),
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 5432 : Number(url.port),
    database: decode(url.pathname.replace(/^\//, "")) || user,
    parameters: Object.fromEntries(url.searchParams),
  };
}

/** `postgresql://role:password@host:port/database?…`; the port is left out where it is 5432. */
export function buildConnectionUrl(parts: ConnectionParts): string {
  const encode = encodeURIComponent;
  const login =
    parts.password === undefined
      ? encode(parts.user)
      : `${encode(parts.user)}:${encode(parts.password)}`;
  const host = parts.host.includes(":") ? `[${parts.host}]` : parts.host;
  const port = parts.port === 5432 ? "" : `:${parts.port}`;
  const query = new URLSearchParams(parts.parameters).toString();
  return `postgresql://${login}@${host}${port}/${encode(parts.database)}${query && `?${query}`}`;
}

/** The URL without its password, for people. */
export function withoutPassword(text: string): string {
  return buildConnectionUrl({ ...parseConnectionUrl(text), password: undefined });
}

/** `host:port` in one spelling, to compare addresses: Neon's pooled host names the same endpoint. */
export function addressOf(parts: Pick<ConnectionParts, "host" | "port">): string {
  const [label = "", ...rest] = parts.host.toLowerCase().split(".");
  const host = [label.replace(/-pooler$/, ""), ...rest].join(".");
  return `${host === "127.0.0.1" || host === "::1" ? "localhost" : host}:${parts.port}`;
}

/** Address of an API endpoint's host, which carries a port only where it is not 5432. */
export function addressOfHost(host: string): string {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return addressOf({ host: name, port: port === undefined ? 5432 : Number(port) });
}

export const isLocalHost = (host: string): boolean =>
  host === "localhost" || host === "127.0.0.1" || host === "::1" || host.endsWith(".localhost");

/**
 * What an API on this machine means by `localhost`: the address that it answers at itself. Connecting to
 * an address spares Node the work of resolving a name, which takes longer than to connect.
 */
export function loopbackOf(apiUrl: string): string | undefined {
  const { hostname } = new URL(apiUrl);
  return /^127(\.\d+){3}$/.test(hostname) ? hostname : undefined;
}

/** The variables that psql, pg_dump and everything else built on libpq read. */
export function libpqEnvironment(parts: ConnectionParts): Record<string, string> {
  const { sslmode, channel_binding: channelBinding } = parts.parameters;
  return {
    PGHOST: parts.host,
    PGPORT: String(parts.port),
    PGUSER: parts.user,
    PGDATABASE: parts.database,
    ...(parts.password === undefined ? {} : { PGPASSWORD: parts.password }),
    ...(sslmode === undefined ? {} : { PGSSLMODE: sslmode }),
    // Without a certificate the login alone says that the server is the right one. Before libpq 16 it is ignored.
    ...(parts.password !== undefined && isLocalHost(parts.host)
      ? { PGREQUIREAUTH: "scram-sha-256" }
      : {}),
    ...(channelBinding === undefined ? {} : { PGCHANNELBINDING: channelBinding }),
  };
}
