import { expect, test } from "vitest";
import { aBranch } from "../../../test/helpers/branch.ts";
import { noStyle } from "../../lib/terminal/style.ts";
import {
  type MigrationNames,
  problemText,
  replacedSince,
  type StatusDocument,
  statusText,
} from "./status.ts";

const now = Date.parse("2026-01-02T00:00:00Z");
const status: StatusDocument = {
  stage: "phil-local",
  stageSource: "DEVSTRIDE_STAGE in .env",
  developer: "phil",
  worktree: null,
  project: {
    id: "red-sun-1",
    name: "shop",
    binding: { by: "remote", repository: "github.com/acme/shop", since: "2026-01-01T00:00:00Z" },
  },
  branch: {
    id: "br-a-b-c",
    name: "dev-phil-local",
    parent: { id: "br-m-a-in", name: "main" },
    createdAt: "2026-01-01T00:00:00Z",
    expiresAt: null,
    lastResetAt: "2026-01-01T21:00:00Z",
    mainReplacedAt: null,
    protected: false,
    default: false,
    logicalSizeBytes: 2 ** 20,
  },
  endpoint: { id: "ep-a-b-c", host: "localhost:24118", state: "active" },
  database: "neondb",
  role: "neondb_owner",
  postgresVersion: "18.4",
  migrations: {
    applied: ["0000_a"],
    pending: ["0001_b"],
    late: [],
    edited: [],
    unknown: [],
    begun: [],
    asOf: "2026-01-02T00:00:00Z",
  },
  migrationsProblem: null,
  migrator: "drizzle",
  migrationsCommand: null,
  envFile: { path: ".env", variable: "DATABASE_URL", pointsHere: true },
};

test("as people read it", () => {
  expect(statusText(status, noStyle, now).split("\n")).toEqual([
    "Stage       phil-local (DEVSTRIDE_STAGE in .env)",
    "Project     shop red-sun-1",
    "            bound to github.com/acme/shop",
    "Branch      dev-phil-local br-a-b-c",
    "            created 1d ago from main, data replaced 3h ago",
    "Endpoint    localhost:24118 active",
    "Database    neondb as neondb_owner, Postgres 18.4, 1.0 MB",
    "Migrations  1 applied, 1 pending (0001_b)",
    "Env file    .env: DATABASE_URL points at this branch",
  ]);
});

test("a branch that sleeps shows what was known, and since when", () => {
  const endpoint = { id: "ep", host: "h", state: "idle" };
  const known = { ...status, endpoint };
  expect(statusText(known, noStyle, now + 7_200_000)).toMatch(
    /suspended\n.*\nMigrations .* as of 2h ago/,
  );
  expect(statusText({ ...known, migrations: null }, noStyle, now)).toMatch(/not known.*--wake/);
});

test("what a person should notice is there", () => {
  const text = statusText(
    {
      ...status,
      endpoint: null,
      branch: {
        ...status.branch,
        protected: true,
        default: true,
        expiresAt: "2026-01-04T00:00:00Z",
      },
      envFile: { path: ".env", variable: "DATABASE_URL", pointsHere: false },
    },
    noStyle,
    now,
  );
  expect(text).toMatch(/\(default, protected, ends in 2d\)/);
  expect(text).toMatch(/Endpoint {4}none/);
  expect(text).toMatch(/DATABASE_URL does not point at this branch/);
});

test("a migration that was carried out in part is told from one that was not begun", () => {
  const begun = [{ migration: "0001_b", committedStatements: 2 }];
  const migrations = { ...(status.migrations as MigrationNames), late: ["0000_z"], begun };
  expect(statusText({ ...status, migrations }, noStyle, now)).toContain(
    "1 applied, 1 pending (0001_b (begun: its first 2 statements are committed)), 1 late (0000_z)",
  );
});

test("a folder in disorder: its problem in place of the migrations", () => {
  const problems = ["drizzle/a.sql is missing", "drizzle/b.sql is missing"];
  const error = { message: "The folder has 2 problems:\n...", details: { problems } };
  const text = statusText(
    { ...status, migrations: null, migrationsProblem: problemText(error) },
    noStyle,
    now,
  );
  expect(text).toContain(
    "Migrations  not known: drizzle/a.sql is missing; drizzle/b.sql is missing\nEnv file",
  );
  expect(problemText({ message: "there is no folder", details: {} })).toBe("there is no folder");
});

test("main that got other data since is said, with what brings it", () => {
  const main = aBranch({ id: "br-main", lastResetAt: "2026-01-01T22:00:00Z" });
  expect(replacedSince(aBranch({ lastResetAt: "2026-01-01T21:00:00Z" }), main)).toBe(
    main.lastResetAt,
  );
  expect(replacedSince(aBranch({ createdAt: "2026-01-01T23:00:00Z" }), main)).toBeNull();
  expect(replacedSince(main, main)).toBeNull();
  expect(replacedSince(aBranch(), { ...main, lastResetAt: undefined })).toBeNull();
  const branch = { ...status.branch, mainReplacedAt: "2026-01-01T22:00:00Z" };
  expect(statusText({ ...status, branch }, noStyle, now)).toMatch(
    /data replaced 3h ago\n +main got other data 2h ago; to have it here: ds db reset\n/,
  );
});
