import { type Environment, withoutCredentials } from "../../lib/process/environment.ts";
import { parseConnectionUrl } from "../../postgres/connection-url.ts";

export interface ChildInput {
  env: Environment;
  /** Of the env file, which the agent's programs will read. */
  file: readonly (readonly [name: string, value: string])[];
  /** Of the agent's branch, by the names that the project has for them. */
  own: Readonly<Record<string, string>>;
  /** The agent's. */
  url: string;
  /** Where the checkout's own branch is: what leads there leads to the agent's branch instead. */
  checkoutHost: string | undefined;
}

/** Where libpq looks when nobody names a server. */
const libpq =
  /^PG(HOST|HOSTADDR|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE|OPTIONS)$/;

/**
 * What an agent's command is started with: nothing that opens Neon's API, and no other database than its own. Programs read the
 * env file without overwriting what is set, so its other addresses are set to nothing.
 */
export function childEnvironment({ env, file, own, url, checkoutHost }: ChildInput): Environment {
  const kept = Object.entries(withoutCredentials(env)).filter(
    ([name, value]) => !libpq.test(name) && hostOf(value) === undefined,
  );
  const led = [...Object.entries(env), ...file].flatMap(([name, value]): [string, string][] => {
    const host = hostOf(value);
    if (host === undefined) return [];
    if (host === checkoutHost) return [[name, url]];
    return file.some(([other]) => other === name) ? [[name, ""]] : [];
  });
  return { ...Object.fromEntries(kept), ...Object.fromEntries(led), ...own };
}

/** `host:port` of a Postgres URL; undefined of any other text. */
export function hostOf(value: string | undefined): string | undefined {
  if (value === undefined || !/^postgres(ql)?:\/\//i.test(value.trim())) return undefined;
  try {
    const { host, port } = parseConnectionUrl(value.trim());
    // The pooler's address is another of the same endpoint.
    return `${host.replace(/^([^.]+)-pooler\./, "$1.")}:${port}`;
  } catch {
    // Nobody can say where it leads.
    return "";
  }
}
