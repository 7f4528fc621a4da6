import { parseConnectionUrl } from "../postgres/connection-url.ts";

export interface SecretParts {
  /** Direct, and through the pooler where there is one. Both with the password. */
  urlUnpooled: string;
  url: string;
  projectId: string;
  branchId: string;
  stage: string;
  /** Full name of the stack that `up` goes on to make; null where none is configured. */
  stack: string | null;
}

/** The project that a secret's value is about; undefined when it does not say. */
export const projectOfSecret = (value: string | undefined): string | undefined =>
  partsOf(value).projectId;

/** The stack of the secret's stage, null for none; undefined when the value does not say. */
export const stackOfSecret = (value: string | undefined): string | null | undefined =>
  partsOf(value).stack;

function partsOf(value: string | undefined): Partial<SecretParts> {
  try {
    return JSON.parse(value ?? "{}");
  } catch {
    return {};
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
