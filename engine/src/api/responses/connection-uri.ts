import type { DatabaseRecord, EndpointRecord, RoleRecord } from "../../model/records.ts";
import { endpointHost } from "./records.ts";

/**
 * `postgresql://role:password@localhost:PORT/database`, without parameters: a demand for TLS would
 * make clients refuse the server's self-signed certificate.
 */
export function connectionUri(
  endpoint: EndpointRecord,
  role: { name: string; password: string },
  databaseName: string,
): string {
  const credentials = `${encode(role.name)}:${encode(role.password)}`;
  return `postgresql://${credentials}@${endpointHost(endpoint)}/${encode(databaseName)}`;
}

/** Encodes what `encodeURIComponent` leaves alone too, quotes and parentheses for instance. */
function encode(text: string): string {
  const leftAlone = /[!'()*]/g;
  return encodeURIComponent(text).replace(
    leftAlone,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * `connection_uris` of an answer that made endpoints. As on Neon there is one only where nothing is
 * left to choose: with several roles (that have a password) or databases the list is empty.
 */
export function connectionUris(
  endpoints: readonly EndpointRecord[],
  roles: readonly RoleRecord[],
  databases: readonly DatabaseRecord[],
) {
  const endpoint = endpoints.find((candidate) => candidate.type === "read_write") ?? endpoints[0];
  const [role, ...otherRoles] = roles.filter(({ password }) => password !== undefined);
  const [database, ...otherDatabases] = databases;
  if (!endpoint || !role?.password || !database) return [];
  if (otherRoles.length > 0 || otherDatabases.length > 0) return [];
  return [
    {
      connection_uri: connectionUri(
        endpoint,
        { name: role.name, password: role.password },
        database.name,
      ),
      connection_parameters: {
        database: database.name,
        password: role.password,
        role: role.name,
        host: endpointHost(endpoint),
        pooler_host: endpointHost(endpoint),
      },
    },
  ];
}
