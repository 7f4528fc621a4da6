import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { psql, testWith } from "../../scripts/test-support/needs.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";
import { ended } from "../support/run.ts";

interface Named {
  name: string;
}

/** `neon projects`, `databases`, `roles`, `operations`, `connection-string` and `psql`. */
describe("neon's commands beside branches", () => {
  const machine = new NeonMachine();

  beforeAll(() => machine.start());

  afterAll(() => machine.close());

  const column = async (url: string, sql: string) =>
    (await query<Record<string, unknown>>(url, sql)).map((row) => Object.values(row)[0]);

  test("me, orgs; no project yet", async () => {
    const [me, orgs, list] = await Promise.all([
      machine.json<Named>("me"),
      machine.json<{ id: string }[]>("orgs", "list"),
      machine.json("projects", "list"),
    ]);
    expect(me.name).not.toBe("");
    expect(orgs).toHaveLength(1);
    expect(list).toEqual({ projects: [], shared_with_you: [] });
    const wrong = await machine.neon("projects", "list", "--api-key", "wrong");
    expect(ended(wrong, 1).stderr).not.toContain(machine.api.key);
  });

  test("projects: create with its own names, get, update, list, delete", async () => {
    const names = ["--database", "store", "--role", "keeper"];
    const created = await machine.json<{
      project: { id: string; name: string };
      connection_uris: { connection_uri: string }[];
    }>("projects", "create", "--name", "custom", ...names);
    const url = created.connection_uris[0]?.connection_uri ?? "";
    expect(await query(url, "select current_user as u, current_database() as d")).toEqual([
      { u: "keeper", d: "store" },
    ]);
    const { id } = created.project;
    expect((await machine.json<Named>("projects", "get", id)).name).toBe("custom");
    await machine.text("projects", "update", id, "--name", "renamed");
    const { projects } = await machine.json<{ projects: Named[] }>("projects", "list");
    expect(projects.map(({ name }) => name)).toEqual(["renamed"]);

    await machine.text("projects", "delete", id);
    expect(await machine.refusal("projects", "get", id)).not.toBe("");
    expect(await machine.json("projects", "list")).toMatchObject({ projects: [] });
    await expect(query(url, "select 1")).rejects.toThrow();
    await expect
      .poll(() => machine.sandbox.processes().filter(({ command }) => / -D /.test(command)))
      .toEqual([]);
  });

  test("databases: Postgres has what was created, owned by whom it says, on that branch alone", async () => {
    const [project, main, other] = await projectWithBranch("databases");
    const on = ["--project-id", project, "--branch", "other"];
    await machine.text("databases", "create", "--name", "orders", ...on);
    await machine.text("roles", "create", "--name", "clerk", ...on);
    await machine.text("databases", "create", "--name", "bills", "--owner-name", "clerk", ...on);
    const owners = `select datname, datdba::regrole::text as owner from pg_database
      where datname in ('orders', 'bills') order by 1`;
    expect(await query(other, owners)).toEqual([
      { datname: "bills", owner: "clerk" },
      { datname: "orders", owner: "neondb_owner" },
    ]);
    expect(await query(main, owners)).toEqual([]);
    const again = await machine.refusal(
      "databases",
      "create",
      "--name",
      "bills",
      ...on,
      ..."--owner-name clerk".split(" "),
    );
    expect(again).toContain("exists");
    await machine.text("databases", "delete", "orders", ...on);
    const listed = await machine.json<Named[]>("databases", "list", ...on);
    expect(listed.map(({ name }) => name).sort()).toEqual(["bills", "neondb"]);
    expect(await column(other, owners)).toEqual(["bills"]);
  });

  test("roles: one that logs in, one that does not, one that is gone", async () => {
    const [project, main, other] = await projectWithBranch("roles");
    const on = ["--project-id", project, "--branch", "other"];
    await machine.text("roles", "create", "--name", "reader", ...on);
    // neon 6.2.3 takes a bare --no-login as the opposite of --login, and then does not send it.
    await machine.text("roles", "create", "--name", "group", "--no-login=true", ...on);
    const logins = `select rolname, rolcanlogin, rolsuper from pg_roles
      where rolname in ('reader', 'group') order by 1`;
    expect(await query(other, logins)).toEqual([
      { rolname: "group", rolcanlogin: false, rolsuper: false },
      { rolname: "reader", rolcanlogin: true, rolsuper: false },
    ]);
    expect(await query(main, logins)).toEqual([]);

    const cs = ["cs", "other", "--project-id", project, "--ssl", "omit"];
    expect(await machine.refusal(...cs)).toContain("Multiple roles");
    const url = await machine.text(...cs, "--role-name", "reader");
    expect(await column(url, "select current_user")).toEqual(["reader"]);
    await machine.text("roles", "delete", "reader", ...on);
    await expect(query(url, "select 1")).rejects.toThrow(/reader/);
    expect(await column(other, logins)).toEqual(["group"]);
    expect(await machine.refusal("roles", "delete", "neondb_owner", ...on)).toContain("owns");
  });

  test("connection-string: every form leads to the branch", async () => {
    const [project, , other] = await projectWithBranch("strings");
    const of = ["--project-id", project];
    const [plain, pooled, bare, extended] = await Promise.all([
      machine.text("connection-string", "other", ...of),
      machine.text("cs", "other", "--pooled", ...of),
      machine.text("cs", "other", "--ssl", "omit", ...of),
      machine.json<{ role: string; database: string }>("cs", "other", "--extended", ...of),
    ]);
    expect(bare).toBe(other);
    expect(plain).toBe(`${bare}?sslmode=require&channel_binding=require`);
    expect(await column(bare, "select 1")).toEqual([1]);
    expect(new URL(pooled).port).toBe(new URL(bare).port);
    expect(extended).toMatchObject({ role: "neondb_owner", database: "neondb" });
    expect(await machine.refusal("cs", "nowhere", ...of)).toContain("nowhere");
  });

  testWith(psql, "psql: every form leads to the branch", async () => {
    const [project, , other] = await projectWithBranch("psql");
    const of = ["--project-id", project];
    const script = ["-Atq", "-v", "ON_ERROR_STOP=1", "-c", "create table t (n int)", "-c"];
    const rows = "insert into t select generate_series(1, 1000); select count(*) from t";
    const say = ["psql", "other", ...of];
    expect(await machine.text(...say, "--", ...script, rows)).toBe("1000");
    expect(await column(other, "select count(*)::int from t")).toEqual([1000]);
    const embedded = await machine.text(...say, "--fallback", "--", "-Atc", "table t limit 2");
    expect(embedded).toBe("1\n2");
    for (const more of [[], ["--fallback"]]) {
      const failed = await machine.neon(...say, ...more, "--", "-c", "table missing");
      expect(ended(failed, 1).stderr).toContain('relation "missing" does not exist');
    }
    // A moment that the address cannot lead to is refused, not answered with other rows.
    const past = new Date(Date.now() - 1000).toISOString();
    const earlier = await machine.neon("psql", `other@${past}`, ...of, "--", "-Atc", "select 1");
    expect(earlier.status).not.toBe(0);
    expect(earlier.stdout).toBe("");
  });

  test("operations: all that was done, finished", async () => {
    const [project] = await projectWithBranch("operations");
    const operations = await machine.json<{ action: string; status: string }[]>(
      ...["operations", "list", "--project-id", project],
    );
    const actions = operations.map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["create_branch", "start_compute"]));
    expect(new Set(operations.map(({ status }) => status))).toEqual(new Set(["finished"]));
  });

  /** A project with `main` and `other`: its id and their bare connection strings. */
  async function projectWithBranch(name: string): Promise<[string, string, string]> {
    const project = await machine.createProject(name);
    await machine.text("branches", "create", "--name", "other", "--project-id", project);
    return [project, await machine.url(project, "main"), await machine.url(project, "other")];
  }
});
