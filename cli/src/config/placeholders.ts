/**
 * Harmless values of variables that a drizzle config insists on before `ds setup` has written them. Nothing ever
 * connects with them: their host is of a domain that cannot exist.
 */
const mark = "ds-placeholder";
const url = `postgresql://${mark}:${mark}@${mark}.invalid:5432/${mark}`;
/** Long enough for a rule such as "at least 32 characters". */
const word = `${mark}-${mark}-${mark}`;

/** What connection strings are usually called, besides what this project calls them. */
const usualNames = [
  "DATABASE_URL",
  "DATABASE_URL_UNPOOLED",
  "DATABASE_URI",
  "DIRECT_URL",
  "DIRECT_DATABASE_URL",
  "DB_URL",
  "PG_URL",
  "POSTGRES_URL",
  "POSTGRES_URL_NON_POOLING",
  "POSTGRES_PRISMA_URL",
];

type Values = Record<string, string>;

export interface Surroundings {
  /** The variables that are set. */
  env: Readonly<Record<string, string | undefined>>;
  /** Names of this project's connection strings. */
  names: readonly string[];
  /** `.env.example`: what `.env` is to have, with the values that it proposes. */
  example: Readonly<Record<string, string | undefined>>;
}

/**
 * What to try in turn where a config cannot be evaluated: first with connection strings alone, then also with the
 * other variables that `.env` is to have, and without the validation that t3-env's projects can do without.
 */
export function placeholderSets({ env, names, example }: Surroundings): Values[] {
  const unset = (name: string) => !env[name];
  const connections = [...usualNames, ...names, ...Object.keys(example).filter(isConnection)];
  const first = Object.fromEntries(connections.filter(unset).map((name) => [name, url]));
  const others = Object.entries(example)
    .filter(([name]) => unset(name) && first[name] === undefined)
    .map(([name, value]) => [name, value || valueFor(name)]);
  return [first, { SKIP_ENV_VALIDATION: "1", ...Object.fromEntries(others), ...first }];
}

const isConnection = (name: string): boolean =>
  /(^|_)(DATABASE|DB|PG|POSTGRES|POSTGRESQL|NEON)_.*(URL|URI|DSN)(_|$)/.test(name);

function valueFor(name: string): string {
  if (/(^|_)PORT$/.test(name)) return "5432";
  if (/(^|_)(URL|URI|ENDPOINT|ORIGIN)$/.test(name)) return `https://${mark}.invalid`;
  return word;
}

/** A setting that holds one is not the project's. */
export const holdsPlaceholder = (value: unknown): boolean =>
  JSON.stringify(value)?.includes(mark) ?? false;
