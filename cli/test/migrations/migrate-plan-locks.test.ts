// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { readMigrationFolder } from "../../src/migrations/folder/io/read-folder.ts";
import { planMigrations } from "../../src/migrations/plan/io/plan.ts";
import { lockModes } from "../../src/migrations/plan/locks/modes.ts";
import { lockModeName } from "../../src/migrations/rehearsal/effects.ts";
import { knownDatabase } from "../../src/migrations/run/io/migration-run.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { ledger } from "../helpers/migrations/migrate-test.ts";
import { TestFolder } from "../helpers/migrations/migrations-folder.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

// What `migrate --plan` says of locks, beside what Postgres holds once the statement has run.

const schema = `
  create table organizations (id int primary key, name text);
  create table users (id int primary key, email text unique,
    org int constraint users_org_fkey references organizations);
  create table items (id int primary key, org int references organizations,
    created_by int references users, boss int references items, body text);
  create index items_created_by_index on items (created_by);
  create table comments (id int primary key, body text, item int references items on delete cascade,
    author int constraint comments_author_id_users_id_fk references users);
  create table emails (id int primary key, email text references users (email) on update cascade);
  create table lone (id int, n int, t text);
  create index lone_n on lone (n);
  insert into organizations values (1, 'a');
  insert into users values (1, 'a', 1);
  insert into items values (1, 1, 1, null, 'b');
  insert into comments values (1, 'c', 1, 1);
  insert into emails values (1, 'a');
  insert into lone values (1, 1, 'x');
  alter table comments add constraint unchecked foreign key (id) references organizations not valid;

  create view item_names as select i.id, u.email from items i join users u on u.id = i.org;
  create view lone_view as select id, n from lone;
  create view lone_view_view as select id from lone_view;
  create materialized view item_counts as select org, count(*) from items group by org;
  create unique index on item_counts (org);

  create table parts (id int, d int, org int references organizations, note text, primary key (id, d))
    partition by range (d);
  create table parts_1 partition of parts for values from (0) to (10);
  create table parts_2 partition of parts for values from (10) to (20);
  create table parts_rest partition of parts default;
  create index parts_org on parts (org);
  alter table parts add constraint parts_d check (d > -100);
  create table part_notes (id int, part_id int, part_d int,
    constraint part_notes_fkey foreign key (part_id, part_d) references parts);
  create table new_part (id int not null, d int not null, org int, note text,
    constraint parts_d check (d > -100));
  create table part_refs (k int, part_id int, part_d int, foreign key (part_id, part_d) references parts)
    partition by list (k);
  create table part_refs_1 partition of part_refs for values in (1);
  create table days (d int) partition by list (d);
  create table days_1 partition of days for values in (1);
  create table days_rest partition of days default;
  create index days_index on only days (d);
  create index days_1_index on days_1 (d);

  create table animals (id int primary key, name text);
  create table cats (paw int) inherits (animals);
  create table strays (name text);
  create index strays_name on strays (name);
  create function f() returns trigger language plpgsql as 'begin return new; end';
  create trigger lone_trigger before update on lone for each row execute function f();
  create trigger days_trigger after update on days for each row execute function f();
  create policy lone_policy on lone using (exists (select from users));
  create table log (id int);
  create rule log_rule as on delete to log do also delete from emails where email = 'none';

  create schema other;
  create table other."Odd ""table" (id int primary key, org int constraint odd references organizations);
  create table other.users (id int);
`;

/** Postgres holds what the plan says: these locks, and no other on a table that was there. */
const exact = [
  "alter table comments drop constraint comments_author_id_users_id_fk",
  "alter table public.comments drop constraint comments_author_id_users_id_fk",
  "alter table users drop constraint users_pkey cascade",
  "alter table users drop constraint users_email_key cascade",
  "alter table comments drop constraint comments_pkey",
  "alter table animals drop constraint animals_pkey",
  "alter table comments drop column author",
  "alter table comments drop column body",
  "alter table users drop column id cascade",
  "alter table users drop column email cascade",
  "alter table items drop column org cascade",
  "alter table lone drop column n cascade",
  "alter table comments alter author type bigint",
  "alter table comments alter body type varchar",
  "alter table items alter created_by type bigint",
  "alter table organizations alter id type bigint",
  "alter table items alter boss type bigint",
  "alter table comments add foreign key (id) references users",
  "alter table comments add column u int references users",
  "alter table items add foreign key (boss) references items",
  "alter table comments validate constraint unchecked",
  "alter table comments validate constraint comments_author_id_users_id_fk",
  "alter table comments alter constraint comments_author_id_users_id_fk deferrable",
  "alter table comments alter constraint comments_author_id_users_id_fk not enforced",
  "alter table comments rename constraint comments_author_id_users_id_fk to a",
  'alter table other."Odd ""table" drop constraint odd',
  "create table n (u int references users)",
  "create table n (u int, foreign key (u) references users, like items)",
  "create table n () inherits (animals)",

  "drop table comments",
  "drop table users cascade",
  "drop table items cascade",
  "drop table log, emails, comments",
  'drop table other."Odd ""table"',
  "drop table log",
  "drop schema other cascade",
  "drop view item_names",
  "drop view lone_view cascade",
  "drop materialized view item_counts",
  "truncate comments",
  "truncate users cascade",
  "truncate items cascade",
  "truncate animals",
  "truncate only animals",

  "drop index items_created_by_index",
  "alter index items_created_by_index rename to a",
  "alter index items_created_by_index set (fillfactor = 50)",
  "alter index items_created_by_index set tablespace pg_default",
  "alter table items_created_by_index rename to a",
  "reindex index items_created_by_index",
  "reindex table items",
  "drop index parts_org",
  "alter index parts_org rename to a",
  "create index on parts (d)",
  "create index on only parts (d)",
  "create index on animals (id)",
  "alter index days_index attach partition days_1_index",
  "comment on index lone_n is 'a'",

  "alter table parts attach partition new_part for values from (20) to (30)",
  "alter table parts detach partition parts_1",
  "alter table days detach partition days_1",
  "alter table part_refs detach partition part_refs_1",
  "create table n partition of part_refs for values in (2)",
  "alter table part_refs drop column part_id",
  "drop table part_refs",
  "drop table part_refs_1",
  "create table n partition of parts for values from (20) to (30)",
  "create table n partition of days for values in (2)",
  "drop table parts cascade",
  "drop table days",
  "drop table days_1",
  "drop table animals cascade",
  "alter table parts add column a int",
  "alter table parts drop column org",
  "alter table parts alter org type bigint",
  "alter table parts alter org set default 1",
  "alter table only parts alter org set default 1",
  "alter table parts alter org set statistics 5",
  "alter table parts add check (d > -5) not valid",
  "alter table parts add foreign key (org) references organizations",
  "alter table parts drop constraint parts_org_fkey",
  "alter table parts drop constraint parts_d",
  "alter table part_notes drop constraint part_notes_fkey",
  "alter table part_notes add foreign key (part_id, part_d) references parts",
  "alter table parts rename to a",
  "alter table parts rename org to a",
  "alter table parts rename constraint parts_org_fkey to a",
  "alter table parts rename constraint parts_d to a",
  "alter table parts owner to current_user",
  "alter table days disable trigger days_trigger",
  "alter table parts alter id add generated always as identity",
  "alter table animals add column a int",
  "alter table animals rename name to a",
  "alter table animals set (fillfactor = 50)",
  "alter table animals alter name set not null",
  "alter table animals disable trigger all",
  "alter table animals enable row level security",
  "alter table animals alter id add generated always as identity",
  "alter table cats no inherit animals",
  "alter table cats inherit strays",

  "create trigger t before update on users for each row execute function f()",
  "create trigger t after update on days for each row execute function f()",
  "create constraint trigger t after update on users from organizations for each row execute function f()",
  "drop trigger lone_trigger on lone",
  "drop trigger days_trigger on days",
  "alter trigger days_trigger on days rename to a",
  "drop policy lone_policy on lone",
  "create policy p on lone using (exists (select from comments))",
  "alter policy lone_policy on lone using (exists (select from items))",
  "drop rule log_rule on log",
  "create rule r as on insert to lone do also delete from users",

  "create or replace view item_names as select i.id, u.email from items i, users u",
  "create view v as select * from lone_view_view",
  "alter view item_names rename column id to a",
  "alter view item_names set (security_barrier)",
  "refresh materialized view item_counts",
  "refresh materialized view concurrently item_counts",
  "create table n as select * from item_names",
  "select * from lone_view_view",
  "select * from item_counts",
  "update lone_view set n = 3",
  "lock table users in share mode",
  "lock table parts in share mode",
  "lock table only animals",
  "lock table lone_view_view",
  "comment on table users is 'a'",
  "comment on column users.id is 'a'",
  "comment on view item_names is 'a'",
  "comment on constraint unchecked on comments is 'a'",
  "comment on trigger lone_trigger on lone is 'a'",
  "grant select on users, lone to public",
  "analyze users",
  "analyze parts",
  "analyze animals",
  "cluster lone using lone_n",
  "create statistics s on id, n from lone",
  "create publication p for table users",
  "explain select * from users",
  "prepare a as select * from lone_view",

  "with x as (delete from lone returning 1) insert into organizations select 5 from x",
  "with x as (update lone set n = 2 returning 1) select * from x",
  "with x as (insert into lone values (1) returning 1) update strays set name = '' from x",
  "with x as (delete from strays returning 1) merge into lone using x on true when matched then do nothing",
  "with lone as (select * from lone) select * from lone",
  "with lone as (select 1) delete from lone",
  "with a as (select 1), b as (select * from a) select * from b",
  "with recursive lone as (select 1 as n union all select n + 1 from lone where n < 3) select * from lone",
  "merge into lone using users on lone.id = users.id when matched then delete",
  "select * from users u join comments c on true for update of u",
  "select * from users where id in (select author from comments) for share",
  "select * from (select * from users) u for update",
  "select * from users union select id, body, 1 from comments",
  "select * from only animals",
  "select * from other.users",
  "update animals set name = 'x'",
  "insert into items values (2, 1, 1, 1, 'x')",
  "delete from items",
  "insert into days_1 values (1)",
];

/** Which rows and columns there are decides whether all of it is needed: Postgres holds no more. */
const atMost = [
  "select * from parts where d = 3",
  "insert into parts values (1, 1, 1)",
  "update comments set author = 1",
  "update users set email = 'b'",
  "update users set org = 1 where id = 5",
  "insert into users values (1) on conflict (id) do update set org = 1",
  "delete from comments",
  "insert into parts_1 values (2, 2, 1)",
  "update parts_1 set d = 2",
  "delete from days_1",
  "insert into cats values (1, 'x', 1)",
  "alter table parts validate constraint parts_d",
];

/** Outside of a transaction, by what is held while they wait for a transaction that reads the table. */
const alone = [
  "create index concurrently on strays (name)",
  "reindex index concurrently strays_name",
  "drop index concurrently strays_name",
];

let server: PostgresServer;
let url: string;
let sql: Client;
const folder = new TestFolder();
const planned = new Map<string, Record<string, string>>();

beforeAll(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  sql = await connectPostgres(url, { what: "the test" });
  await sql.query(schema);
  const statements = [...exact, ...atMost, ...alone];
  folder.add("0000_all", statements.join(";\n"));
  const { report } = await planMigrations(
    sql,
    {
      migrations: {
        folder: readMigrationFolder(folder.path, "drizzle"),
        ledger,
        policy: { allowLate: true, strict: false },
      },
      database: knownDatabase(url, { what: "the test" }),
      command: "ds db migrate",
    },
    { settings: { rules: {}, smallTable: { rows: 0, bytes: 0 } }, where: "the test" },
  );
  for (const { sql: statement, locks } of report.plan.flatMap(({ steps }) =>
    steps.flatMap((step) => step.statements),
  )) {
    planned.set(statement, Object.fromEntries(locks.map(({ table, mode }) => [bare(table), mode])));
  }
  expect(planned.size).toBe(statements.length);
});
afterAll(async () => {
  await sql.end();
  await server.stop();
  folder.remove();
});

test.each(exact)("%s", async (statement) => {
  const relations = await relationsThere();
  expect(planned.get(statement)).toEqual(strongest(relations, await locksOf(statement)));
});

test.each(atMost)("%s: at most", async (statement) => {
  const relations = await relationsThere();
  expect(planned.get(statement)).toMatchObject(strongest(relations, await locksOf(statement)));
});

test.each(alone)("%s", async (statement) => {
  const relations = await relationsThere();
  const held = strongest(relations, await locksWhileWaiting(statement));
  expect(planned.get(statement)).toEqual(held);
});

const bare = (table: string) => table.replace(/^"public"\./, "").replaceAll('"', "");

interface Relation {
  oid: string;
  name: string;
  /** Of an index. */
  table: string | null;
}

async function relationsThere(): Promise<Relation[]> {
  const { rows } = await sql.query<Relation>(
    `select c.oid::text, case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname as name,
       i.indrelid::text as "table"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
     where c.relkind in ('r', 'p', 'v', 'm', 'i', 'I') and n.nspname in ('public', 'other')`,
  );
  return rows;
}

/** The strongest lock on each table, and on indexes that are locked more than their table. */
function strongest(relations: Relation[], locks: HeldLock[]): Record<string, string> {
  const strengths = lockModes.map(String);
  const strengthOf = (oid: string | null) =>
    Math.max(
      -1,
      ...locks
        .filter((lock) => lock.oid === oid)
        .map(({ mode }) => strengths.indexOf(lockModeName(mode))),
    );
  const held = relations.filter(({ oid, table }) => strengthOf(oid) > strengthOf(table));
  return Object.fromEntries(
    held.map(({ oid, name }) => [bare(name), strengths[strengthOf(oid)] ?? ""]),
  );
}

interface HeldLock {
  oid: string;
  mode: string;
}

const heldBy = (pid: string) =>
  `select relation::text as oid, mode from pg_locks where pid = ${pid} and locktype = 'relation' and granted`;

async function locksOf(statement: string): Promise<HeldLock[]> {
  await sql.query("begin");
  try {
    await sql.query(statement);
    return (await sql.query<HeldLock>(heldBy("pg_backend_pid()"))).rows;
  } finally {
    await sql.query("rollback");
  }
}

async function locksWhileWaiting(statement: string): Promise<HeldLock[]> {
  const reader = await connectPostgres(url, { what: "the test" });
  const { rows: self } = await sql.query<{ pid: number }>("select pg_backend_pid() as pid");
  const pid = String(self[0]?.pid);
  await reader.query("begin isolation level repeatable read; select * from strays");
  const running = sql.query(statement);
  try {
    const waits = `select from pg_stat_activity where pid = ${pid} and wait_event_type = 'Lock'`;
    await until("the lock", async () => (await reader.query(waits)).rows.length === 1);
    return (await reader.query<HeldLock>(heldBy(pid))).rows;
  } finally {
    await reader.end();
    await running;
  }
}
