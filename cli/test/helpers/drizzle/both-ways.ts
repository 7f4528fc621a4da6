import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import { drizzle as drizzle1 } from "drizzle-orm-1/node-postgres";
import { migrate as drizzleMigrate1 } from "drizzle-orm-1/node-postgres/migrator";
import { DsError } from "../../../src/errors/ds-error.ts";
import type { FolderFormat } from "../../../src/migrations/folder/migration.ts";
import { MigrationsFailed } from "../../../src/migrations/run/failed.ts";
import { runInProcess } from "../migrations/run-in-process.ts";
import { describeDatabase, describeLedger } from "./describe-database.ts";
import type { Databases } from "./servers.ts";
import { withClient } from "./with-client.ts";

/** What applies a folder to a database; throws where it does not. */
type Apply = (url: string, folder: string) => Promise<unknown>;

export interface Appliers {
  drizzle: Apply;
  ds: Apply;
}

/** drizzle-orm's migrator, which is what drizzle-kit calls, and ds, both in this process. */
export const inProcess = (format: FolderFormat): Appliers => ({
  drizzle: (url, folder) =>
    withClient(url, (client) =>
      format === "v0"
        ? drizzleMigrate(drizzle(client), { migrationsFolder: folder })
        : drizzleMigrate1(drizzle1({ client }), { migrationsFolder: folder }),
    ),
  ds: runInProcess,
});

export type Verdict =
  /** Both have applied it, with the same result. */
  | "equal"
  /** ds has refused it, and changed nothing. */
  | "refused"
  /** Neither can. */
  | "neither"
  /** Drizzle cannot, ds can. */
  | "ds alone"
  | "different";

export interface Comparison {
  verdict: Verdict;
  /** Of what failed, or what differs. */
  details: string;
}

export interface CompareOptions {
  /** Compare rows, too; not where they hold the time of day. */
  rows?: boolean;
}

/** Applies a folder to one database with Drizzle, to another one with ds, and compares what they then hold. */
export async function compareBothWays(
  apply: Appliers,
  databases: Databases,
  folder: string,
  { rows = true }: CompareOptions = {},
): Promise<Comparison> {
  const before = await look(databases.ds, rows);
  const drizzleError = await errorOf(apply.drizzle(databases.drizzle, folder));
  const dsError = await errorOf(apply.ds(databases.ds, folder));
  const details = [`Drizzle: ${text(drizzleError)}`, `ds: ${text(dsError)}`].join("\n");
  if (dsError !== undefined && isRefusal(dsError)) {
    const changes = differences(before, await look(databases.ds, rows));
    if (changes !== "") return { verdict: "different", details: `${details}\n${changes}` };
    return { verdict: drizzleError === undefined ? "refused" : "neither", details };
  }
  if (dsError !== undefined) {
    return { verdict: drizzleError === undefined ? "different" : "neither", details };
  }
  if (drizzleError !== undefined) return { verdict: "ds alone", details };
  const changes = differences(await look(databases.drizzle, rows), await look(databases.ds, rows));
  return changes === ""
    ? { verdict: "equal", details: "" }
    : { verdict: "different", details: changes };
}

/**
 * Whether a database is as Drizzle makes it of the migrations one by one, a run for each, as a project's own
 * production has had them; undefined where Drizzle cannot apply them that way either.
 */
export async function compareOneByOne(
  { drizzle: apply }: Pick<Appliers, "drizzle">,
  databases: Databases,
  folders: Iterable<string>,
): Promise<Comparison | undefined> {
  for (const folder of folders) {
    if ((await errorOf(apply(databases.drizzle, folder))) !== undefined) return undefined;
  }
  const [one, other] = await Promise.all([look(databases.drizzle, true), look(databases.ds, true)]);
  if (one.ledger.length !== other.ledger.length) return undefined;
  const details = differences(one, other);
  return { verdict: details === "" ? "equal" : "different", details };
}

interface Look {
  catalogue: string[];
  ledger: string[];
}

const look = (url: string, rows: boolean): Promise<Look> =>
  withClient(url, async (client) => ({
    catalogue: await describeDatabase(client, { rows }),
    ledger: await describeLedger(client),
  }));

function differences(one: Look, other: Look): string {
  const lines = (a: string[], b: string[], sign: string) =>
    a.filter((line) => !b.includes(line)).map((line) => `${sign} ${line}`);
  return [
    ...lines(one.catalogue, other.catalogue, "-"),
    ...lines(other.catalogue, one.catalogue, "+"),
    ...lines(one.ledger, other.ledger, "- ledger"),
    ...lines(other.ledger, one.ledger, "+ ledger"),
    ...(one.ledger.length === other.ledger.length ? [] : ["other numbers of ledger rows"]),
  ].join("\n");
}

/** Before anything is applied; what fails while it is applied is something else. */
function isRefusal(error: unknown): boolean {
  const failure = error instanceof MigrationsFailed ? error.failure : error;
  return failure instanceof DsError && failure.code === "MIGRATION_REFUSED";
}

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error) => error,
  );

function text(error: unknown): string {
  if (error === undefined) return "applied";
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message.slice(0, 300)}: ${cause.message}` : message;
}
