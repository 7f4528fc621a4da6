import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { DsError } from "../../src/errors/ds-error.ts";
import { readMigrationFolder } from "../../src/migrations/folder/io/read-folder.ts";
import {
  type MigrationReport,
  type MigratorOptions,
  migrate,
} from "../../src/migrations/run/io/migrate.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { MigrateProject } from "./migrate-project.ts";
import { TestFolder } from "./migrations-folder.ts";
import { type PostgresServer, startPostgres } from "./postgres-server.ts";

export interface TestDatabase {
  url: string;
  sql: Client;
}

/** One server for the file, and for each of its tests a new database. */
export function withDatabases(setUp: (database: TestDatabase) => void): void {
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

export type RunOptions = Partial<MigratorOptions> & { at?: string };

export interface TestMigrator {
  folder: TestFolder;
  /** What was said to the person. */
  notes: string[];
  run(options?: RunOptions): Promise<MigrationReport>;
}

export const ledger = { schema: "drizzle", table: "__drizzle_migrations" };

function migratorIn(folder: TestFolder, url: string): TestMigrator {
  const notes: string[] = [];
  const run = (options: RunOptions = {}) =>
    migrate({
      folder: readMigrationFolder(folder.path, "drizzle"),
      ledger,
      connect: (applicationName) =>
        connectPostgres(options.at ?? url, { what: "the test", applicationName }),
      policy: { allowLate: true, strict: false },
      check: false,
      wait: 60_000,
      signal: new AbortController().signal,
      who: "test",
      onNote: (text) => notes.push(text),
      onWarning: (text) => notes.push(text),
      onApplied: () => {},
      ...options,
    });
  return { folder, notes, run };
}

export function failureOf(work: Promise<unknown>): Promise<DsError> {
  return work.then(
    () => expect.fail("it should have failed"),
    (error) => error as DsError,
  );
}

/** The first column of what a query finds. */
export async function column(sql: Client, query: string): Promise<unknown[]> {
  const { rows } = await sql.query({ text: query, rowMode: "array" });
  return rows.map(([value]) => value);
}
