export interface Settings {
  databaseUrl: string;
  port: number;
}

/** @throws Error that says which variable is missing or wrong, never a value that is secret */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  return { databaseUrl: readDatabaseUrl(environment), port: readPort(environment) };
}

export function readDatabaseUrl({ DATABASE_URL: url }: NodeJS.ProcessEnv): string {
  if (!url) {
    throw new Error("DATABASE_URL is not set. It names the database to use, as postgres://…");
  }
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error("DATABASE_URL is not a postgres:// URL.");
  }
  return url;
}

function readPort({ PORT: text = "3000" }: NodeJS.ProcessEnv): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(`PORT is "${text}", not a number from 0 to 65535.`);
}
