import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeAll, expect, test } from "vitest";
import { sql, type TestBranch, type TestProject, uriWith } from "../support/branches.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** Code of a branch's owner never runs with the rights of the engine's superuser. */

let engine: TestEngine;
let project: TestProject;

withEngine((fresh) => {
  ({ engine, project } = fresh);
});

/** Says in the server's log as whom it runs, and takes what it can get. */
const trap = `
  create function public.trap(place text) returns int immutable language plpgsql as $$
  begin
    raise log 'trap % superuser=%', place, pg_catalog.current_setting('is_superuser');
    begin
      execute 'reset session authorization';
    exception when others then null; end;
    begin
      execute 'alter role neondb_owner superuser';
    exception when others then null; end;
    return 1;
  end $$;`;

/** Places of a schema where an expression can stand, each with one that calls the function. */
const places: Record<string, string> = {
  "partition key": "create table p (a int) partition by range ((a + trap('partition key')))",
  "list partition key":
    "create table pl (a int) partition by list ((a + trap('list partition key')))",
  "hash partition key":
    "create table ph (a int) partition by hash ((a + trap('hash partition key')))",
  "key of a partition": `create table pp (a int, b int) partition by range (a);
    create table pp1 partition of pp for values from (trap('bound')) to (9) partition by range ((b + trap('key of a partition')))`,
  "partition's default": `create table pd (a int, b int) partition by range (a);
    create table pd1 partition of pd (b default trap('partition''s default')) for values from (1) to (9)`,
  default: "create table d (a int default trap('default'))",
  check: "create table c (a int check (a > trap('check')))",
  "check not valid": `create table cn (a int);
    alter table cn add check (a > trap('check not valid')) not valid`,
  "stored column":
    "create table gs (a int, b int generated always as (a + trap('stored column')) stored)",
  index: "create table i (a int); create index on i ((a + trap('index')))",
  "index predicate":
    "create table ip (a int); create index on ip (a) where a > trap('index predicate')",
  "unique index": "create table ui (a int); create unique index on ui ((a + trap('unique index')))",
  "index of partitions": `create table ipp (a int) partition by range (a);
    create table ipp1 partition of ipp for values from (1) to (9);
    create index on ipp ((a + trap('index of partitions')))`,
  exclusion: `create table x (a int4range);
    alter table x add exclude using gist (a with &&) where (lower(a) > trap('exclusion'))`,
  "domain's default": `create domain dd as int default trap('domain''s default');
    create table ddt (a dd)`,
  "domain's check": `create domain dc as int check (value > trap('domain''s check') - 2);
    create table dct (a dc default 1::dc)`,
  view: "create view v as select trap('view') as n where trap('view') = 1",
  "materialized view": "create materialized view mv as select trap('materialized view') as n",
  "view's default": `create view vd as select 1 as a;
    alter view vd alter a set default trap('view''s default')`,
  rule: `create table r (a int);
    create rule rr as on update to r where old.a > trap('rule') do instead insert into r values (trap('rule'))`,
  policy: `create table po (a int); alter table po enable row level security;
    create policy pp on po using (a > trap('policy')) with check (a > trap('policy'))`,
  statistics:
    "create table s (a int, b int); create statistics on (a + trap('statistics')), b from s",
  "trigger's condition": `create table t (a int);
    create function tf() returns trigger language plpgsql as 'begin return new; end';
    create trigger tt before insert on t for each row when (new.a > trap('trigger''s condition')) execute function tf()`,
  "argument's default":
    "create function fa(a int default trap('argument''s default')) returns int language sql as 'select 1'",
  "atomic body":
    "create function fb() returns int language sql begin atomic select trap('atomic body'); end",
  "text body":
    "create function ft() returns int language sql immutable as $$select public.trap('text body')$$",
  "inlined function": "create table fi (a int default ft())",
  operator: `create function op(int, int) returns int immutable language sql as $$select public.trap('operator')$$;
    create operator public.%%% (leftarg = int, rightarg = int, function = op);
    create table o (a int default 1 operator(public.%%%) 2) `,
  cast: `create type ct as (a int);
    create function cf(int) returns ct immutable language sql as $$select row(public.trap('cast'))::public.ct$$;
    create cast (int as ct) with function cf(int) as assignment;
    create table cat (a ct default 1::ct)`,
  aggregate: `create function ag(int, int) returns int immutable language sql as $$select public.trap('aggregate')$$;
    create aggregate agg(int) (sfunc = ag, stype = int, initcond = '1');
    create view agv as select agg(1) as n`,
  "range's subtype": `create function sd(text, text) returns float8 immutable language sql as $$select public.trap('range''s subtype')::float8$$;
    create type rt as range (subtype = text, subtype_diff = sd);
    create table rtt (a rt default '[a,b]'::rt)`,
  "function's setting":
    "create function fs() returns int immutable language sql set search_path = public as $$select trap('function''s setting')$$; create table fst (a int default fs())",
  "foreign key":
    "create table fk (a int primary key default trap('foreign key')); create table fkr (a int references fk default trap('foreign key'))",
  identity:
    "create table id (a int generated by default as identity, b int default trap('identity'))",
  sequence:
    "create sequence sq owned by id.b; alter table id alter b set default nextval('sq') + trap('sequence')",
  comment: "comment on table id is E'x\\n--\\nselect public.trap(''comment'');\\n'",
  name: `create table "x
select public.trap('name'); --" (a int)`,
  "shadowed names": `create schema shadow;
    create function shadow.format(text, variadic text[]) returns text language sql as $$select public.trap('shadow')::text$$;
    create function shadow.trap_eq(oid, oid) returns bool immutable language sql as $$select public.trap('shadow') = 1$$;
    create operator shadow.= (leftarg = oid, rightarg = oid, function = shadow.trap_eq);
    create function shadow.pg_get_userbyid(oid) returns name immutable language sql as $$select public.trap('shadow')::text::name$$;
    alter database neondb set search_path = shadow, pg_catalog, public`,
};

const isSuperuser = async (uri: string) =>
  (
    await sql<{ rolsuper: boolean }>(
      uri,
      "select rolsuper from pg_roles where rolname = 'neondb_owner'",
    )
  )[0]?.rolsuper;

/** What the function said in a server's log. */
function trapsIn(log: string): string[] {
  const text = readFileSync(join(engine.home, "logs", log), "utf8");
  return text.match(/trap .* superuser=\w+/g) ?? [];
}
const trapsOf = ({ id }: TestBranch) => trapsIn(`${id}.log`);
const asSuperuser = () => [
  ...new Set(
    readdirSync(join(engine.home, "logs"))
      .flatMap(trapsIn)
      .filter((line) => line.endsWith("=on")),
  ),
];

const schemaOf = async ({ id }: TestBranch) =>
  (await project.call<{ sql: string }>(200, "GET", `/branches/${id}/schema?db_name=neondb`)).sql;

beforeAll(async () => {
  await sql(project.main.uri, trap);
  for (const [place, statements] of Object.entries(places)) {
    await sql(project.main.uri, statements).catch((error: Error) => {
      throw new Error(`${place}: ${error.message}`);
    });
  }
});

test("not when a schema-only branch is made, wherever in the schema it is called", async () => {
  const { id } = project.main;
  await sql(project.main.uri, "create schema words; create extension pg_trgm schema words");
  const branch = { init_source: "schema-only" };
  const copy = await project.branch("schema-only", project.main, { branch });
  // While the dump was replayed it was called, too.
  expect(trapsOf(copy).length).toBeGreaterThan(5);
  expect(asSuperuser()).toEqual([]);
  expect(await isSuperuser(copy.uri)).toBe(false);
  expect(await isSuperuser(project.main.uri)).toBe(false);
  expect(await schemaOf(copy)).toBe(await schemaOf(project.main));
  const [left] = await sql(
    copy.uri,
    "select count(*)::int as n from pg_roles where rolname ~ 'copy'",
  );
  expect(left).toEqual({ n: 0 });
  await sql(copy.uri, "drop extension pg_trgm");
  await project.call(
    200,
    "GET",
    `/branches/${copy.id}/compare_schema?base_branch_id=${id}&db_name=neondb`,
  );
  expect(asSuperuser()).toEqual([]);
});

test("not when a schema is read as tables and columns", async () => {
  await project.call(200, "GET", `/branches/${project.main.id}/schema?db_name=neondb&format=json`);
  expect(asSuperuser()).toEqual([]);
});

test("not when a role goes, and what it owns is another's", async () => {
  const branch = await project.branch("roles");
  const at = `/branches/${branch.id}/roles`;
  await sql(
    branch.uri,
    `set search_path = pg_catalog; create role leaving; grant leaving to neondb_owner; grant create on schema public to leaving;
     do $$ declare name text; begin
       for name in select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace
         where nspname = 'public' and relkind in ('r', 'p', 'v') and not relispartition loop
         execute format('alter table %s owner to leaving', name);
       end loop;
     end $$`,
  );
  await project.call(200, "DELETE", `${at}/leaving`);
  expect(asSuperuser()).toEqual([]);
});

test("not when a branch is copied, reset or restored", async () => {
  const branch = await project.branch("copied");
  await project.restore(branch, project.main);
  expect(await isSuperuser(branch.uri)).toBe(false);
  expect(asSuperuser()).toEqual([]);
});

const attack = "alter role neondb_owner superuser";

test("not by a setting that reads like SQL", async () => {
  const branch = await project.branch("settings");
  const settings: [string, string][] = [
    ["search_path", `"x""; ${attack}; --"`],
    ["local_preload_libraries", `x; ${attack}; --`],
    ["local_preload_libraries", `x", '; ${attack}; --`],
    ["application_name", `x\\'; ${attack}; --`],
  ];
  for (const [at, [name, value]] of settings.entries()) {
    await sql(branch.uri, `create database s${at}`);
    const set = `select set_config('${name}', ${pg.escapeLiteral(value)}, false)`;
    await sql(branch.uri, `${set}; alter database s${at} set ${name} from current`).catch(
      // Some values the server itself refuses.
      (error: { code?: string }) => expect(error.code).toMatch(/^(22023|42704)$/),
    );
  }
  const copy = await project.branch("settings-copy", branch, {
    branch: { init_source: "schema-only" },
  });
  expect(await isSuperuser(copy.uri)).toBe(false);
  const count = "select count(*)::int from pg_db_role_setting";
  expect(await sql(copy.uri, count)).toEqual(await sql(branch.uri, count));
});

test("the owner makes no event trigger, which would run in the superuser's sessions", async () => {
  await expect(
    sql(
      project.main.uri,
      `create function public.et() returns event_trigger language plpgsql as 'begin end';
       create event trigger et on ddl_command_start execute function public.et()`,
    ),
  ).rejects.toMatchObject({ code: "42501" });
});

test("settings that the owner gives a database neither lock the engine out nor change what it reads", async () => {
  const branch = await project.branch("locked");
  await sql(branch.uri, "alter database neondb reset all; create role leaving");
  const before = await schemaOf(branch);
  await sql(
    branch.uri,
    `alter database neondb set role = leaving;
     alter database neondb set session_authorization = leaving;
     alter database neondb set local_preload_libraries = 'no such';
     alter database neondb set standard_conforming_strings = off;
     alter database neondb set quote_all_identifiers = on;
     alter database neondb set client_encoding = latin1;
     alter database neondb set transaction_timeout = 1;
     alter database neondb set datestyle = german;
     alter database neondb set default_transaction_deferrable = on`,
  );
  expect(await schemaOf(branch)).toBe(before);
  await project.call(200, "DELETE", `/branches/${branch.id}/roles/leaving`);
  const [after] = await sql<{ n: number }>(
    uriWith(branch.uri, { db: "postgres" }),
    "select count(*)::int as n from pg_roles where rolname = 'leaving'",
  );
  expect(after).toEqual({ n: 0 });
});

test("a database that its owner has closed is refused, with what opens it", async () => {
  const branch = await project.branch("closed");
  await sql(branch.uri, "create database other");
  await sql(branch.uri, "alter database other allow_connections false");
  const path = `/branches/${branch.id}/schema?db_name=other`;
  expect(await project.call(422, "GET", path)).toMatchObject({ code: "DATABASE_CLOSED" });
  await sql(branch.uri, "alter database other allow_connections true");
  await project.call(200, "GET", path);
});
