import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Anonymized, by, rules } from "../support/anonymized.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** Branches that nobody sees before they are masked, and from which nothing leads back to what was masked. */

let home: string;
let engine: TestEngine;
let project: TestProject;
let anonymized: Anonymized;

const secret = "nora.original@acme.example";

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "ds-anon-"));
  engine = await openTestEngine({ home });
  project = await TestProject.create(engine);
  anonymized = new Anonymized(project);
  await sql(
    project.main.uri,
    `create table people (id int primary key, email text not null unique, name text, phone varchar(14), age int, note text);
     insert into people values (1, '${secret}', 'Nora Original', '+49 151 234567', 41, 'a'), (2, 'b@acme.example', 'Ben', null, 30, 'b');
     insert into people select n, 'p' || n || '@acme.example', 'Person ' || n, '0151' || n, n % 90, 'n' from generate_series(3, 300) n;
     create materialized view addresses as select email from people;
     analyze people`,
  );
});

afterAll(async () => {
  await engine?.stop();
  await rm(home, { recursive: true, force: true });
});

const emailRule = by("email", "anon.fake_email()");

test("what rules name is masked, all else stays, and so does the parent", async () => {
  const branch = await anonymized.made("masked", [
    emailRule,
    by("name", "anon.pseudo_first_name(name)"),
    by("phone", "anon.partial(phone, 2, 'XX', 2)"),
    by("age", "anon.random_int_between(200,210)"),
    { table_name: "people", column_name: "note", masking_value: "'CONFIDENTIAL'" },
  ]);
  const [counts] = await sql(
    branch.uri,
    `select count(*)::int as rows, count(distinct email)::int as emails, bool_and(email like '%@example.com') as safe,
       bool_and(note = 'CONFIDENTIAL') as notes, min(age) >= 200 and max(age) <= 210 as ages, array_agg(distinct id order by id) = array(select generate_series(1, 300)) as ids
     from people`,
  );
  expect(counts).toEqual({
    rows: 300,
    emails: 300,
    safe: true,
    notes: true,
    ages: true,
    ids: true,
  });
  const [first, second] = await sql(
    branch.uri,
    "select name, phone from people where id <= 2 order by id",
  );
  expect(first).toEqual({ name: expect.not.stringContaining("Nora"), phone: "+4XX67" });
  expect(second?.phone).toBeNull();
  expect(await sql(project.main.uri, "select email from people where id = 1")).toEqual([
    { email: secret },
  ]);
  expect(await anonymized.status(branch.id)).toMatchObject({
    status_message: "Anonymization completed successfully (1 tables, 5 masking rules applied)",
    last_run: { masked_columns: 5 },
  });
  expect(
    await sql(branch.uri, "select 1 from addresses where email not like '%@example.com'"),
  ).toEqual([]);
  // Nothing of the masking is left.
  expect(await sql(branch.uri, "select rolname from pg_roles where rolname ~ '^ds_'")).toEqual([]);
});

test("no file of the branch has the old values: rows, indexes, statistics, log, history", async () => {
  const branch = await anonymized.made("files", [emailRule, by("name", "anon.dummy_name()")]);
  await project.suspend(branch);
  const { dataDir } = JSON.parse(
    readFileSync(join(home, "catalog", project.id, `${branch.id}.json`), "utf8"),
  ).branch;
  const holders = [join(home, "data", "pgdata", dataDir), join(home, "data", "history", dataDir)]
    .flatMap(filesOf)
    .filter((file) => readFileSync(file).includes(secret));
  expect(holders).toEqual([]);
});

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path).flatMap((name) => filesOf(join(path, name)));
}

describe("what is not masked yet", () => {
  let branch: TestBranch;

  beforeAll(async () => {
    const made = await anonymized.make(201, "waiting", [emailRule], { start_anonymization: false });
    branch = {
      id: made.branch.id,
      name: "waiting",
      endpointId: made.endpoints[0]?.id ?? "",
      uri: made.connection_uris[0]?.connection_uri ?? "",
    };
    expect(made.branch.restricted_actions.map(({ name }) => name)).toEqual([
      "restore",
      "delete-rw-endpoint",
      "connect-to-endpoints",
    ]);
  });

  test("takes no connection, over any way", async () => {
    expect((await anonymized.status(branch.id)).state).toBe("initialized");
    await expect(sql(branch.uri, "select 1")).rejects.toMatchObject({ code: "57P03" });
    const { port } = new URL(branch.uri);
    const answer = await fetch(`http://localhost:${port}/sql`, {
      method: "POST",
      headers: { "Neon-Connection-String": branch.uri },
      body: JSON.stringify({ query: "select email from people" }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain(secret);
  });

  test.each([
    ["a branch of it", "/branches", () => ({ branch: { parent_id: branch.id } })],
    [
      "its schema alone",
      "/branches",
      () => ({ branch: { parent_id: branch.id, init_source: "schema-only" } }),
    ],
    [
      "an anonymized branch of it",
      "/branch_anonymized",
      () => ({ branch_create: { branch: { parent_id: branch.id } } }),
    ],
    ["a snapshot", () => `/branches/${branch.id}/snapshot`, () => ({})],
    ["its compute", () => `/endpoints/${branch.endpointId}/start`, () => undefined],
    ["a default", () => `/branches/${branch.id}/set_as_default`, () => undefined],
  ])("gives no %s", async (_, path, body) => {
    const at = typeof path === "string" ? path : path();
    const refused = await project.call<{ code: string }>(422, "POST", at, body());
    expect(refused.code).toBe("BRANCH_NOT_YET_ANONYMIZED");
  });

  test("is no source of a restore", async () => {
    const other = await project.branch("restore-target");
    expect((await project.restore(other, branch, undefined, 422)).code).toBe(
      "BRANCH_NOT_YET_ANONYMIZED",
    );
  });

  test("is not opened by taking its rules away", async () => {
    const path = `/branches/${branch.id}`;
    await project.call(200, "PATCH", `${path}/masking_rules`, { masking_rules: [] });
    const refused = await project.call<{ code: string }>(422, "POST", `${path}/anonymize`);
    expect(refused.code).toBe("MASKING_RULES_MISSING");
    await expect(sql(branch.uri, "select 1")).rejects.toMatchObject({ code: "57P03" });
    const told = await project.call(200, "PATCH", `${path}/masking_rules`, {
      masking_rules: rules(emailRule),
    });
    expect(told).toEqual({ masking_rules: rules(emailRule) });
    expect(await project.call(200, "GET", `${path}/masking_rules`)).toEqual(told);
    await project.call(200, "POST", `${path}/anonymize`);
    await anonymized.ends(branch.id, "anonymized");
    expect(await sql(branch.uri, "select 1 from people where email = $1", [secret])).toEqual([]);
  });
});

describe("the way back", () => {
  let branch: TestBranch;
  let lsn: string;

  beforeAll(async () => {
    const made = await anonymized.make(201, "back", [emailRule]);
    await anonymized.ends(made.branch.id, "anonymized");
    lsn = made.branch.parent_lsn ?? "";
    branch = { ...(await listed("back")), uri: made.connection_uris[0]?.connection_uri ?? "" };
  });

  const listed = async (name: string) => {
    const found = (await project.list()).find((each) => each.name === name);
    return { id: found?.id ?? "", name, endpointId: "", uri: "" };
  };

  test.each([
    ["the fork", () => ({ parent_lsn: lsn })],
    ["a time before", () => ({ parent_timestamp: new Date(Date.now() - 60_000).toISOString() })],
  ])("no branch of %s can be made", async (_, at) => {
    const refused = await project.call<{ code: string }>(422, "POST", "/branches", {
      branch: { parent_id: branch.id, ...at() },
    });
    expect(["POINT_IN_TIME_BEFORE_HISTORY", "NO_HISTORY"]).toContain(refused.code);
  });

  test("it is not restored, and does not lose its endpoint", async () => {
    const refused = await project.restore(branch, project.main, undefined, 422);
    expect(refused.code).toBe("BRANCH_IS_ANONYMIZED");
    const { endpoints } = await project.call<{ endpoints: { id: string }[] }>(
      200,
      "GET",
      `/branches/${branch.id}/endpoints`,
    );
    const kept = await project.call<{ code: string }>(
      422,
      "DELETE",
      `/endpoints/${endpoints[0]?.id}`,
    );
    expect(kept.code).toBe("BRANCH_IS_ANONYMIZED");
  });

  test("nor does a child of it lead there", async () => {
    const child = await project.branch("child-of-masked", branch);
    expect(await sql(child.uri, "select 1 from people where email = $1", [secret])).toEqual([]);
    const refused = await project.call<{ code: string }>(422, "POST", "/branches", {
      branch: { parent_id: child.id, parent_lsn: lsn },
    });
    expect(["POINT_IN_TIME_BEFORE_HISTORY", "NO_HISTORY"]).toContain(refused.code);
  });
});

test("masking that fails leaves the branch closed, says no value, and can be done again", async () => {
  // Three characters of 300 addresses are not unique.
  const given = [by("email", "pg_catalog.left(email, 3)")];
  const branch = await anonymized.made("failing", given, "error");
  const status = await anonymized.status(branch.id);
  expect(status.failed_at).toBeDefined();
  expect(status.status_message).toContain("people_email_key");
  expect(status.status_message).not.toContain("acme");
  await expect(sql(branch.uri, "select 1")).rejects.toMatchObject({ code: "57P03" });
  const path = `/branches/${branch.id}`;
  await project.call(200, "PATCH", `${path}/masking_rules`, { masking_rules: rules(emailRule) });
  await project.call(200, "POST", `${path}/anonymize`);
  await anonymized.ends(branch.id, "anonymized");
  expect(await sql(branch.uri, "select count(*)::int as n from people")).toEqual([{ n: 300 }]);
});

test("anonymized once more, it is masked anew, and its past begins anew", async () => {
  const branch = await anonymized.made("again", [emailRule]);
  await sql(branch.uri, "insert into people values (1000, 'late@acme.example', 'Late')");
  const path = `/branches/${branch.id}`;
  const wrong = await project.call<{ code: string }>(422, "PATCH", `${path}/masking_rules`, {
    masking_rules: rules(by("nickname", "anon.fake_email()")),
  });
  expect(wrong.code).toBe("MASKING_RULE_REFUSED");
  const before = new Date().toISOString();
  await project.call(200, "POST", `${path}/anonymize`);
  await anonymized.ends(branch.id, "anonymized");
  expect(await sql(branch.uri, "select 1 from people where email like '%acme%'")).toEqual([]);
  const refused = await project.call<{ code: string }>(422, "POST", "/branches", {
    branch: { parent_id: branch.id, parent_timestamp: before },
  });
  expect(["POINT_IN_TIME_BEFORE_HISTORY", "NO_HISTORY"]).toContain(refused.code);
});

test("an engine that stops meanwhile leaves it closed", async () => {
  const made = await anonymized.make(201, "stopped", [emailRule]);
  await engine.stop();
  engine = await openTestEngine({ home });
  project = new TestProject(engine, project.id, project.main);
  anonymized = new Anonymized(project);
  const { state } = await anonymized.status(made.branch.id);
  expect(["error", "anonymized"]).toContain(state);
  const uri = made.connection_uris[0]?.connection_uri ?? "";
  if (state === "error") {
    await expect(sql(uri, "select 1")).rejects.toMatchObject({ code: "57P03" });
    await project.call(200, "POST", `/branches/${made.branch.id}/anonymize`);
    await anonymized.ends(made.branch.id, "anonymized");
  }
  expect(await sql(uri, "select 1 from people where email = $1", [secret])).toEqual([]);
  expect(engine.setAside).toBe(0);
});
