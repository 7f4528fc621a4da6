export interface Settings {
  databaseUrl: string;
  port: number;
}

/** @throws Error that names every variable that is missing or wrong, never a value that is secret */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const databaseUrl = environment.DATABASE_URL ?? "";
  if (databaseUrl === "") {
    problems.push("DATABASE_URL is not set; `ds local run backend` sets it.");
  } else if (!/^postgres(ql)?:\/\//.test(databaseUrl) || !URL.canParse(databaseUrl)) {
    problems.push("DATABASE_URL is not a postgres:// URL.");
  }
  const portText = environment.PORT ?? "3000";
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port <= 65_535)) problems.push(`PORT is "${portText}", not a number from 0 to 65535.`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return { databaseUrl, port };
}
