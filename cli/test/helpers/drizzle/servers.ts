import { DsProject } from "../ds-project.ts";
import { startPostgres } from "../postgres-server.ts";
import { withClient } from "./with-client.ts";

/** Where databases are made: for Drizzle, and for ds. */
export interface Servers {
  drizzle(database?: string): string;
  ds(database?: string): string;
  stop(): Promise<void>;
}

/** Both in one bare server, which is up in a moment. */
export async function oneServer(): Promise<Servers> {
  const { adminUrl, stop } = await startPostgres();
  return { drizzle: adminUrl, ds: adminUrl, stop };
}

/** Two branches of the engine's. */
export async function twoBranches(): Promise<Servers> {
  const project = new DsProject(`{ project: "folders" }`);
  const run = async (...args: string[]) => {
    const { status, stderr, stdout } = await project.run(args);
    if (status !== 0) throw new Error(`ds ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  };
  project.migrations.add("0000_a", "select 1");
  await run("setup", "--developer", "pat");
  await run("db", "create", "other");
  const [own, other] = [await run("db", "url"), await run("db", "url", "--branch", "other")];
  return { drizzle: of(own), ds: of(other), stop: () => project.remove() };
}

const of =
  (url: string) =>
  (database?: string): string => {
    const at = new URL(url);
    if (database !== undefined) at.pathname = `/${database}`;
    return at.href;
  };

export interface Databases {
  drizzle: string;
  ds: string;
}

/** Works with two new databases, which are then gone where there are going to be many. */
export async function withDatabases<T>(
  servers: Servers,
  name: string,
  many: boolean,
  work: (databases: Databases) => Promise<T>,
): Promise<T> {
  const each = async (sql: string) => {
    await withClient(servers.drizzle(), (admin) => admin.query(`${sql} "${name}_drizzle"`));
    await withClient(servers.ds(), (admin) => admin.query(`${sql} "${name}_ds"`));
  };
  await each("create database");
  try {
    return await work({
      drizzle: servers.drizzle(`${name}_drizzle`),
      ds: servers.ds(`${name}_ds`),
    });
  } finally {
    // It takes a checkpoint.
    if (many) await each("drop database");
  }
}
