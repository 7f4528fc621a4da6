import { afterAll, beforeAll, expect, test } from "vitest";
import { recordTables } from "../../src/config/migrator.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import type { Catalogue } from "../../src/refresh/model/catalogue.ts";
import { readCatalogue } from "../../src/refresh/model/io/read-catalogue.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

let server: PostgresServer;
let catalogue: Catalogue;
let catalogueWithout: string[];

const schema = `
  create schema ledger; create table ledger.migrations (id int);
  create schema audit;
  create type audit.kind as enum ('b', 'a');
  create domain mail as varchar(80) check (value like '%@%');
  create table organizations (id uuid primary key, name varchar(40) not null);
  create table people (
    id bigint generated always as identity primary key,
    organization_id uuid not null references organizations,
    email mail not null, kind audit.kind, tags text[], amount numeric(10,2) default 1,
    whole text generated always as (email || '!') stored,
    "Odd ""name" text, region text, number int,
    unique (organization_id, email) include (kind), unique (region, number));
  comment on column people.amount is 'in cents';
  create unique index people_lower on people (lower("Odd ""name")) where region is not null;
  create index people_kind on people (kind);
  create table pets (id serial primary key, region text, number int, twin int default nextval('pets_id_seq'));
  alter table pets add constraint pets_owner
    foreign key (number, region) references people (number, region) match full not valid;
  alter table pets enable row level security, force row level security;
  create function nothing() returns trigger language plpgsql as 'begin return new; end';
  create trigger quiet before insert on pets for each row execute function nothing();
  alter table pets disable trigger quiet;
  create table events (at date not null, pet int references pets) partition by range (at);
  create table events_1 partition of events for values from ('2020-01-01') to ('2021-01-01');
  create table events_rest partition of events default;
  insert into events select '2020-05-05' from generate_series(1, 100);
  create table base (a int); create table derived (b int) inherits (base);
  create view v as select 1; create materialized view mv as select 1; create temp table session (x int);
  analyze;
`;

beforeAll(async () => {
  server = await startPostgres();
  const url = await server.createDatabase();
  const client = await connectPostgres(url, { what: "the test server" });
  await client.query(schema);
  await client.query("set search_path = audit, public");
  await client.query("begin read only");
  catalogue = await readCatalogue(client, { what: "the source", without: ["ledger"] });
  const without = [
    ...recordTables({ schema: "public", table: "pe" }, { kind: "drizzle" }),
    "public.organ*",
    "public.pets",
    "ledger",
  ];
  catalogueWithout = (await readCatalogue(client, { what: "the source", without })).tables.map(
    ({ name }) => name,
  );
  const { rows } = await client.query("show search_path");
  expect(rows).toEqual([{ search_path: "audit, public" }]);
  await client.end();
});
afterAll(() => server.stop());

const table = (name: string) => catalogue.tables.find((each) => each.name === name);

test("ordinary tables, with what kind they are", () => {
  const shown = catalogue.tables.map(({ schema, name, kind, parent, inherited }) =>
    [schema, name, kind, parent?.name, inherited].join(" "),
  );
  expect(shown).toEqual([
    "public base table  true",
    "public derived table  false",
    "public events partitioned  false",
    "public events_1 partition events false",
    "public events_rest partition events false",
    "public organizations table  false",
    "public people table  false",
    "public pets table  false",
  ]);
  expect(table("events")).toMatchObject({ estimatedRows: 100, bytes: expect.any(Number) });
  expect(table("events")?.bytes).toBeGreaterThan(4096);
});

test("the migrations' own tables, in a schema of theirs or among the others", () => {
  const drizzle = { kind: "drizzle" } as const;
  expect(recordTables({ schema: "drizzle", table: "x" }, drizzle)).toEqual(["drizzle"]);
  expect(recordTables({ schema: "app", table: "x" }, drizzle)).toEqual(["app.x", "app.__ds_*"]);
  expect(catalogueWithout).toEqual([
    "base",
    "derived",
    "events",
    "events_1",
    "events_rest",
    "people",
  ]);
});

test("columns with their types, however they are written", () => {
  const shown = table("people")?.columns.map((column) =>
    [
      column.name,
      column.type,
      column.notNull && "not null",
      column.generated && "generated",
      column.identity,
      column.hasDefault && "default",
      column.comment,
    ]
      .filter(Boolean)
      .join(", "),
  );
  expect(shown).toEqual([
    "id, bigint, not null, always",
    "organization_id, uuid, not null",
    "email, public.mail, not null",
    "kind, audit.kind",
    "tags, text[]",
    "amount, numeric(10,2), default, in cents",
    "whole, text, generated",
    'Odd "name, text',
    "region, text",
    "number, integer",
  ]);
  expect(catalogue.enums).toEqual({ "audit.kind": ["b", "a"] });
  expect(catalogue.domains).toEqual({ "public.mail": "character varying(80)" });
});

test("keys, also those that hold only for a part or for an expression", () => {
  expect(table("people")?.keys).toEqual([
    { name: "people_pkey", primary: true, columns: ["id"] },
    {
      name: "people_organization_id_email_kind_key",
      primary: false,
      columns: ["organization_id", "email"],
    },
    { name: "people_region_number_key", primary: false, columns: ["region", "number"] },
  ]);
  expect(table("people")?.partialKeys).toEqual([
    { name: "people_lower", primary: false, columns: ['Odd "name'] },
  ]);
});

test("foreign keys once, in the order of their columns", () => {
  expect(table("pets")?.foreignKeys).toEqual([
    {
      name: "pets_owner",
      columns: ["number", "region"],
      references: { schema: "public", name: "people" },
      referencedColumns: ["number", "region"],
      match: "full",
      validated: false,
    },
  ]);
  expect(table("events")?.foreignKeys).toHaveLength(1);
  expect(table("events_1")?.foreignKeys).toEqual([]);
});

test("what has to be switched off and on, and what numbers come from", () => {
  expect(table("pets")).toMatchObject({
    rowSecurity: { enabled: true, forced: true, active: true },
    readable: true,
    triggers: [{ name: "quiet", enabled: "D" }],
  });
  expect(table("people")?.rowSecurity.active).toBe(false);
  expect(catalogue.sequences).toEqual([
    {
      schema: "public",
      name: "people_id_seq",
      increment: 1,
      usedBy: [{ schema: "public", name: "people", column: "id" }],
    },
    {
      schema: "public",
      name: "pets_id_seq",
      increment: 1,
      usedBy: [
        { schema: "public", name: "pets", column: "id" },
        { schema: "public", name: "pets", column: "twin" },
      ],
    },
  ]);
});

test("a default partition without others is no rule; neither is a partitioned table without any", async () => {
  const client = await connectPostgres(await server.createDatabase(), { what: "the test server" });
  await client.query(`
    create table logs (at date not null, b text check (b <> '')) partition by range (at);
    create table logs_rest partition of logs default;
    create table empty (at date not null) partition by range (at);
    create table empty_1 partition of empty for values from ('2020-01-01') to ('2021-01-01') partition by range (at)`);
  const { tables } = await readCatalogue(client, { what: "the source", without: [] });
  await client.end();
  const checks = tables.map(({ name, checks }) => [
    name,
    (checks ?? []).map(({ columns }) => columns),
  ]);
  expect(Object.fromEntries(checks)).toMatchObject({ logs: [["b"]], empty: [] });
});

test("a table that somebody has locked is waited for, but not for ever", async () => {
  const [holder, reader] = await Promise.all(
    [1, 2].map(() => connectPostgres(server.adminUrl(), { what: "the server" })),
  );
  if (!holder || !reader) throw new Error("no connection");
  try {
    await holder.query("create table held (id int check (id > 0))");
    await holder.query("begin; lock table held");
    const read = () => readCatalogue(reader, { what: "it", without: [], lockMs: 100 });
    await expect(read()).rejects.toMatchObject({ code: "LOCKED", reason: "TABLE_LOCKED" });
    await holder.query("rollback");
    expect((await read()).tables.map(({ name }) => name)).toContain("held");
    const { rows } = await reader.query("select current_setting('lock_timeout') as limit");
    expect(rows).toEqual([{ limit: "0" }]);
  } finally {
    await holder.query("rollback; drop table if exists held");
    await Promise.all([holder.end(), reader.end()]);
  }
});
