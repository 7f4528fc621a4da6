import { parseConnectionUrl } from "../postgres/connection-url.ts";

export interface SecretParts {
  /** Direct, and through the pooler where there is one. Both with the password. */
  urlUnpooled: string;
  url: string;
  projectId: string;
  branchId: string;
  stage: string;
}

/** The project that a secret's value is about; undefined when it does not say. */
export function projectOfSecret(value: string | undefined): string | undefined {
  try {
    return (JSON.parse(value ?? "{}") as Partial<SecretParts>).projectId;
  } catch {
    return undefined;
  }
}

/** AWS's own shape of a database's credentials, which its tools and rotation know, and what a stage adds. */
export function secretValue({ url, urlUnpooled, ...rest }: SecretParts): string {
  const { host, port, user, password, database } = parseConnectionUrl(urlUnpooled);
  return JSON.stringify({
    engine: "postgres",
    host,
    port,
    username: user,
    password,
    dbname: database,
    url,
    urlUnpooled,
    ...rest,
    schema: "public",
  });
}
