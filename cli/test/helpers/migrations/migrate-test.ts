import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { readMigrationFolder } from "../../../src/migrations/folder/io/read-folder.ts";
import type { MigrationFolder } from "../../../src/migrations/folder/migration.ts";
import type { LedgerName } from "../../../src/migrations/ledger/ledger-name.ts";
import type { MigrationPolicy } from "../../../src/migrations/ledger/policy.ts";
import type { MigrationEvent } from "../../../src/migrations/run/event.ts";
import { type MigrationCheck, MigrationsFailed } from "../../../src/migrations/run/failed.ts";
import { checkMigrations } from "../../../src/migrations/run/io/check.ts";
import { type MigrateOptions, migrate } from "../../../src/migrations/run/io/migrate.ts";
import { knownDatabase, type MigrationRun } from "../../../src/migrations/run/io/migration-run.ts";
import type { MigrationReport } from "../../../src/migrations/run/report.ts";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import type { Connect } from "../../../src/postgres/io/session.ts";
import { Changes } from "../../../src/runtime/changes.ts";
import { type PostgresServer, startPostgres } from "../postgres-server.ts";
import { MigrateProject } from "./migrate-project.ts";
import { TestFolder } from "./migrations-folder.ts";

export interface TestDatabase {
  url: string;
  sql: Client;
}

/** One server for the file, and for each of its tests a new database. */
function withDatabases(setUp: (database: TestDatabase) => void): void {
  let server: PostgresServer;
  let sql: Client;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const url = await server.createDatabase();
    sql = await connectPostgres(url, { what: "the test" });
    setUp({ url, sql });
  });
  afterEach(() => sql.end());
}

/** For each test a database, a folder of migrations, and the migrator to run in this process. */
export function withMigrator(setUp: (migrator: TestMigrator & TestDatabase) => void): void {
  let folder: TestFolder;
  withDatabases((database) => {
    folder = new TestFolder().make();
    setUp({ ...database, ...migratorIn(folder, database.url) });
  });
  afterEach(() => folder.remove());
}

/** For each test a database, and a project whose command is run as a process of its own. */
export function withProject(
  setUp: (project: { project: MigrateProject; folder: TestFolder } & TestDatabase) => void,
): void {
  let project: MigrateProject;
  withDatabases((database) => {
    project = new MigrateProject(database.url);
    setUp({ ...database, project, folder: project.folder });
  });
  afterEach(() => project.remove());
}

/** What a test has otherwise than usual. */
interface RunOptions extends MigrateOptions {
  /** Another address. */
  at?: string;
  connect?: Connect;
  folder?: MigrationFolder;
  ledger?: LedgerName;
  policy?: MigrationPolicy;
  signal?: AbortSignal;
  wait?: number;
  who?: string;
}

export interface TestMigrator {
  folder: TestFolder;
  /** What was told to the observer. */
  events: MigrationEvent[];
  run(options?: RunOptions): Promise<MigrationReport>;
  check(options?: RunOptions): Promise<MigrationCheck>;
}

export const ledger = { schema: "drizzle", table: "__drizzle_migrations" };

function migratorIn(folder: TestFolder, url: string): TestMigrator {
  const events: MigrationEvent[] = [];
  const runOf = (options: RunOptions): MigrationRun => {
    const database = knownDatabase(options.at ?? url, {
      what: "the test",
      who: options.who ?? "test",
    });
    return {
      migrations: {
        folder: options.folder ?? readMigrationFolder(folder.path, "drizzle"),
        ledger: options.ledger ?? ledger,
        policy: options.policy ?? { allowLate: true, strict: false },
      },
      database: { ...database, connect: options.connect ?? database.connect },
      lockWait: {
        milliseconds: options.wait ?? 60_000,
        signal: options.signal ?? new AbortController().signal,
      },
      observe: (event) => events.push(event),
      changes: new Changes(),
      command: "ds db migrate",
    };
  };
  return {
    folder,
    events,
    run: async (options = {}) => migrate(runOf(options), options),
    check: async (options = {}) => checkMigrations(runOf(options)),
  };
}

/** The reasons of the warnings among them. */
export const warningsIn = (events: readonly MigrationEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "warned" ? [event.warning.reason] : []));

/** Of a run of migrations: with its report, and `failure` as what stopped it. */
export async function failureOf(work: Promise<unknown>): Promise<MigrationsFailed> {
  const error = await work.then(
    () => expect.fail("it should have failed"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MigrationsFailed)) throw error;
  expect(error.details.report).toBe(error.report);
  return error;
}

/** The first column of what a query finds. */
export async function column(sql: Client, query: string): Promise<unknown[]> {
  const { rows } = await sql.query({ text: query, rowMode: "array" });
  return rows.map(([value]) => value);
}
