import { describe, expect, test } from "vitest";
import { Anonymized, by, type Rule } from "../support/anonymized.ts";
import { sql, type TestProject } from "../support/branches.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** What schemas do to masking: keys, triggers, policies, types. */

let engine: TestEngine;
let project: TestProject;
let anonymized: Anonymized;

withEngine(async (fresh) => {
  ({ engine, project } = fresh);
  anonymized = new Anonymized(project);
  await sql(
    project.main.uri,
    `create type mood as enum ('calm', 'cross', 'glad');
     create domain plate as text check (value ~ '^[A-Z]');
     create table accounts (code text primary key, "Full Name" varchar(12) not null, mood mood, plate plate, born date,
       lower_code text generated always as (lower(code)) stored, n int generated always as identity,
       settings jsonb not null default '{}');
     create table orders (id int primary key, account text references accounts, other text references accounts on delete set null);
     create table details (account text primary key references accounts, note text);
     create table notes (id int, account text references details);
     create table pairs (a int, b int, primary key (a, b));
     create table pair_users (a int, b int, foreign key (a, b) references pairs);
     insert into accounts (code, "Full Name", mood, plate, born)
       select 'K' || n, 'Real Name ' || n, 'calm', 'Q' || n, date '1980-01-01' + n from generate_series(1, 50) n;
     insert into orders select n, 'K' || n, 'K' || (51 - n) from generate_series(1, 50) n;
     insert into details select 'K' || n, 'detail' from generate_series(1, 20) n;
     insert into notes select n, 'K' || n from generate_series(1, 20) n;
     create table audit (was text);
     create function keep() returns trigger language plpgsql as $$ begin insert into audit values (old."Full Name"); return new; end $$;
     create trigger keeps after update on accounts for each row execute function keep();
     create rule keeps_too as on update to accounts do also insert into audit values (old.code);
     alter table accounts enable row level security;
     alter table accounts force row level security;
     create policy none on accounts using (false);
     create table guarded (id int, name text);
     create trigger always after update on guarded for each row execute function keep();
     alter table guarded enable always trigger always;
     create table late (id int unique deferrable, name text);
     create table parent_of (name text);
     create table heir () inherits (parent_of);
     create table parts (id int, name text) partition by range (id);
     create table parts_1 partition of parts for values from (0) to (10);
     create table parts_2 partition of parts for values from (10) to (20);
     insert into parts select n, 'Real ' || n from generate_series(0, 19) n;
     create view shown as select 1 as x`,
  );
});

const account = (column: string, masking_function: string) =>
  by(column, masking_function, "accounts");

test("a key is masked with all that refers to it; neither triggers nor rules nor policies see the rows", async () => {
  const branch = await anonymized.made("keys", [
    account("code", "pg_catalog.left(anon.hash(code), 20)"),
    account("Full Name", "anon.dummy_name()"),
    account("mood", "anon.random_in_enum(mood)"),
    account("born", "anon.dnoise(born, '30 days'::interval)"),
    { table_name: "accounts", column_name: "plate", masking_value: "'X'" },
    { table_name: "accounts", column_name: "settings", masking_value: `'{"masked":true}'` },
  ]);
  await sql(branch.uri, "alter table accounts disable row level security");
  const [found] = await sql(
    branch.uri,
    `select (select count(*)::int from accounts) as accounts,
       (select count(*)::int from accounts where code ~ '^K' or "Full Name" ~ 'Real' or plate <> 'X' or lower_code <> lower(code)) as raw,
       (select count(*)::int from orders join accounts a on a.code = account join accounts b on b.code = other) as orders,
       (select count(*)::int from notes join details using (account) join accounts on code = account) as notes,
       (select count(*)::int from audit) as audit`,
  );
  expect(found).toEqual({ accounts: 50, raw: 0, orders: 50, notes: 20, audit: 0 });
  // The same rows still belong together, and everything is guarded again.
  expect(
    await sql(
      branch.uri,
      "select a.n from accounts a join orders o on o.account = a.code where a.n <> o.id",
    ),
  ).toEqual([]);
  await expect(sql(branch.uri, "insert into orders values (99, 'nobody')")).rejects.toMatchObject({
    code: "23503",
  });
  await sql(branch.uri, `update accounts set "Full Name" = 'x' where n = 1`);
  expect(await sql(branch.uri, "select count(*)::int as n from audit")).toEqual([{ n: 2 }]);
});

test("partitions are masked with their table", async () => {
  const branch = await anonymized.made("parts", [by("name", "anon.random_string(8)", "parts")]);
  expect(await sql(branch.uri, "select 1 from parts where name ~ 'Real'")).toEqual([]);
});

describe("refused before anything is made", () => {
  test.each<[string, Rule, string]>([
    ["a column that refers", by("account", "anon.hash(account)", "orders"), "mask that column"],
    ["a key of two columns", by("a", "anon.random_int_between(1,9)", "pairs"), "together"],
    ["a generated column", account("lower_code", "anon.fake_email()"), "generated"],
    ["an identity", account("n", "anon.random_int_between(1,9)"), "identity"],
    ["a trigger that always runs", by("name", "anon.fake_email()", "guarded"), "always"],
    [
      "a constraint that is checked late",
      by("id", "anon.random_int_between(1,9)", "late"),
      "deferrable",
    ],
    ["heirs", by("name", "anon.fake_email()", "parent_of"), "inherit"],
    ["a view", by("x", "anon.random_int_between(1,9)", "shown"), "no table"],
    ["no such table", by("x", "anon.fake_email()", "nowhere"), "no such table"],
    ["no such column", account("nickname", "anon.fake_email()"), "no such column"],
    ["no such column inside", account("born", "anon.partial(nick, 1, 'x', 1)"), "no column nick"],
    ["another type", account("born", "anon.random_int_between(1,9)"), "cannot cast"],
    [
      "no value of an enum",
      { table_name: "accounts", column_name: "mood", masking_value: "'sad'" },
      "mood",
    ],
    [
      "NULL where it may not be",
      { table_name: "accounts", column_name: "Full Name", masking_value: "NULL" },
      "NOT NULL",
    ],
  ])("%s", async (_, rule, says) => {
    const { code, message } = await anonymized.make(422, "refused", [rule]);
    expect(code).toBe("MASKING_RULE_REFUSED");
    expect(message).toContain(says);
    expect((await project.list()).map(({ name }) => name)).not.toContain("refused");
  });

  test.each<[number, string, object]>([
    [
      400,
      "MASKING_FUNCTION_UNKNOWN",
      { masking_rules: [{ ...wide(), masking_function: "anon.fake_siret()" }] },
    ],
    [
      400,
      "MASKING_FUNCTION_UNKNOWN",
      { masking_rules: [{ ...wide(), masking_function: "pg_catalog.pg_sleep(1)" }] },
    ],
    [
      400,
      "MASKING_RULE_INVALID",
      { masking_rules: [{ ...wide(), masking_function: "anon.fake_email(); drop table x" }] },
    ],
    [400, "MASKING_RULE_INVALID", { masking_rules: [{ ...wide(), masking_value: "REDACTED" }] }],
    [400, "MASKING_RULE_INVALID", { masking_rules: [wide()] }],
    [422, "MASKING_RULES_MISSING", { masking_rules: [] }],
    [
      404,
      "DATABASE_NOT_FOUND",
      { masking_rules: [{ ...wide(), database_name: "x", masking_value: "1" }] },
    ],
    [422, "ANONYMIZED_SCHEMA_ONLY", { branch_create: { branch: { init_source: "schema-only" } } }],
  ])("%i %s", async (status, code, more) => {
    const before = await project.list();
    const refused = await anonymized.make(
      status,
      "refused",
      [account("born", "anon.random_date()")],
      more,
    );
    expect(refused.code).toBe(code);
    expect(await project.list()).toEqual(before);
  });

  function wide() {
    return {
      database_name: "neondb",
      schema_name: "public",
      table_name: "accounts",
      column_name: "born",
    };
  }
});

test("an ordinary branch has neither rules nor a state", async () => {
  for (const path of ["masking_rules", "anonymized_status"]) {
    const { code } = await project.call<{ code: string }>(
      404,
      "GET",
      `/branches/${project.main.id}/${path}`,
    );
    expect(code).toBe("BRANCH_NOT_ANONYMIZED");
  }
  expect(engine.log.join()).not.toContain("Real Name");
});
