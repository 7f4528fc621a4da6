import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../../../scripts/test-support/until.ts";
import { DsProject } from "../../helpers/ds-project.ts";

// `ds db diff --data --since`: a branch beside its own past.

const project = new DsProject(`{ project: "shop" }`);
let client: Client;

beforeAll(async () => {
  project.migrations.add(
    "0000_shop",
    `create table items (id int primary key, label text);
     insert into items select n, 'item ' || n from generate_series(1, 5000) n`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  client = new Client({ connectionString: project.url });
  client.on("error", () => {});
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await project.remove();
});

/** To the microsecond, as the server's clock has it. */
async function momentNow(): Promise<string> {
  const sql = "select clock_timestamp() at time zone 'UTC' || 'Z' as now";
  return ((await client.query<{ now: string }>(sql)).rows[0]?.now ?? "").replace(" ", "T");
}

async function json(args: string[]) {
  const { stdout, stderr } = await project.run([...args, "--json"]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

interface Counts {
  table: string;
  added: number;
  removed: number;
  changed: number;
}

const changesOf = ({ tables }: { tables: Counts[] }) =>
  tables
    .filter(({ added, removed, changed }) => added + removed + changed > 0)
    .map(({ table, added, removed, changed }) => ({ table, added, removed, changed }));

const pastBranches = async (): Promise<{ name: string; expiresAt?: string }[]> =>
  (await json(["db", "branches"])).branches.filter(({ name }: { name: string }) =>
    name.startsWith("past-of-dev-pat-local-"),
  );

test("what has happened since a moment, and what before it, by statements, too", async () => {
  await client.query("update items set label = 'early' where id = 1");
  const moment = await momentNow();
  await client.query(
    "update items set label = 'late' where id = 2; delete from items where id = 3",
  );
  const found = await json(["db", "diff", "--data", "--since", moment]);
  expect(changesOf(found)).toEqual([{ table: "items", added: 0, removed: 1, changed: 1 }]);
  expect(found.base.name).toContain("dev-pat-local at ");
  expect(found.way).toMatchObject({ by: "pages" });
  expect(await pastBranches()).toEqual([]);

  const { stdout } = await project.run(["db", "diff", "--data", "--sql", "--since", moment]);
  expect(stdout).toContain("late");
  expect(stdout).not.toContain("early");
  expect(await pastBranches()).toEqual([]);
});

test("a moment that is none, or of before the branch's history", async () => {
  const refused = async (moment: string) =>
    (await json(["db", "diff", "--data", "--since", moment])).error;
  expect(await refused("soon")).toMatchObject({ code: "USAGE", reason: "MOMENT_UNCLEAR" });
  expect((await refused("soon")).message).toContain("--since");
  expect(await refused("2020-01-01T00:00:00Z")).toMatchObject({ reason: "OUTSIDE_HISTORY" });
  expect(await pastBranches()).toEqual([]);
});

test("a run that is killed leaves a branch that expires, and the next one removes it", async () => {
  const moment = await momentNow();
  await client.query("update items set label = 'locked' where id = 4");
  // The comparison waits for this.
  await client.query("begin; lock table items in access exclusive mode");
  const killed = project.start(["db", "diff", "--data", "--since", moment]);
  await until("the branch of the past", async () => (await pastBranches()).length === 1);
  killed.child.kill("SIGKILL");
  await killed.ended.catch(() => {});
  const [left] = await pastBranches();
  const expiry = Date.parse(left?.expiresAt ?? "");
  expect(expiry).toBeGreaterThan(Date.now());
  expect(expiry).toBeLessThanOrEqual(Date.now() + 3_600_000);
  await client.query("rollback");
  const found = await json(["db", "diff", "--data", "--since", moment]);
  expect(changesOf(found)).toEqual([{ table: "items", added: 0, removed: 0, changed: 1 }]);
  expect(await pastBranches()).toEqual([]);
});
