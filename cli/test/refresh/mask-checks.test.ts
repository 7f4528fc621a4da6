import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mask } from "../../src/config/define/masks.ts";
import { completeConfig, type RefreshRules } from "../../src/config/project-config.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { beginLooking } from "../../src/refresh/copy/io/sessions.ts";
import { proposeFitting } from "../../src/refresh/init/io/fit-masks.ts";
import { draftTables } from "../../src/refresh/init/propose.ts";
import { readCatalogue } from "../../src/refresh/model/io/read-catalogue.ts";
import { makePlan } from "../../src/refresh/plan/io/make-plan.ts";
import { sampleColumns } from "../../src/refresh/samples/io/sample-columns.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

// Masks and what rows have to be, by checks, domains and partitions: tried in the database before anything is copied.

const schema = `
  create domain mail as text check (value ~ '@');
  create domain kind as text check (value in ('one', 'two'));
  create domain short as varchar(12) not null check (length(value) > 1) check (value !~ ' ');
  create type mood as enum ('sad', 'ok');
  create type place as (street text, zip text);
  create type span as range (subtype = text);
  create table organizations (id int primary key, name text);
  create table people (
    id int primary key, organization_id int not null references organizations,
    comment text check (btrim(comment) = comment),
    age int not null check (age between 0 and 150),
    email text check (email ~ '@'), contact text not null check (contact like '%@%'),
    code text check (length(code) = 5), zip text check (zip ~ '^[0-9]{5}$'),
    slug text not null unique check (slug ~ '^[a-z0-9-]+$'), pin int not null unique check (pin between 1000 and 9999),
    reach mail, marital_status kind, gender_word text not null check (gender_word in ('f', 'm')), nick short,
    status text not null check (status in ('on', 'off')), value text check (value <> ''),
    initial char(1) not null, tag varchar(3) not null unique, last_sign_in_ip inet not null unique, birthday date not null unique,
    gender mood not null, home place not null, period span not null, spot point not null, badge uuid not null unique,
    salary numeric(6,2) not null unique check (salary > 0), mac macaddr unique, token_hash bytea not null check (octet_length(token_hash) = 32),
    code_name text check (code_name ~ '^never$'), born date, died date, check (died is null or died >= born),
    manager_email text, pair text, unique (organization_id, gender));
  alter table people add unique (email);
  alter table people add foreign key (manager_email) references people (email);
  create table logins (email text primary key references people (email), at timestamptz not null);
  create table hooks (id int primary key, organization_id int not null references organizations, kind text not null check (kind in ('basic', 'signed')),
    username text, password bytea, secret bytea, check (kind = 'basic' and username is not null and password is not null and secret is null
      or kind = 'signed' and secret is not null and username is null and password is null));
  create table holds (id int primary key, organization_id int not null references organizations, bed text not null, released text, proof bytea);
  create unique index holds_bed on holds (bed) where released is null;
  create unique index holds_proof on holds (organization_id) where proof is null and released is null;
  create table regions (id int not null, organization_id int not null, region text not null) partition by list (region);
  create table regions_de partition of regions for values in ('de');
  create table regions_fr partition of regions for values in ('fr');
  create table seats (id int primary key, organization_id int not null references organizations, roles text[] not null, notes text[], contacts text[],
    diagnoses text[], legacy_ref text, scan bytea, seen date, badge uuid, details jsonb, unique nulls not distinct (organization_id, legacy_ref),
    unique nulls not distinct (scan), unique nulls not distinct (organization_id, seen), unique nulls not distinct (badge));
  create unique index seats_details on seats (organization_id, (details ->> 'number')) nulls not distinct;
`;

/** As checks allow it, of two organizations. */
const data = `
  insert into organizations values (1, 'One'), (2, 'Two');
  insert into people (id, organization_id, comment, age, email, contact, code, zip, slug, pin, reach, marital_status, gender_word, nick, status, value,
      initial, tag, last_sign_in_ip, birthday, gender, home, period, spot, badge, salary, mac, token_hash, code_name, born, died, pair)
    select n, n, 'called at ' || n, 20 + n, 'p' || n || '@corp.example', 'c' || n || '@corp.example', lpad(n::text, 5, 'A'),
      lpad(n::text, 5, '1'), 'some-slug-' || n, 1000 + n, 'r' || n || '@corp.example', 'one', 'f', 'nick' || n, 'on', 'v',
      'A', 'T' || n, ('203.0.113.' || n)::inet, date '1980-01-01' + n, 'ok', ('(Street,' || n || ')')::place, '[a,b)', '(1,2)', md5(n::text)::uuid,
      n + 0.5, ('00:1b:63:84:45:e' || n)::macaddr, sha256(n::text::bytea), null, date '1950-01-01', date '1950-01-02', null
    from generate_series(1, 2) n;
  insert into logins select email, now() from people;
  insert into hooks select n, n, 'basic', 'jane' || n, 'pass'::bytea, null from generate_series(1, 2) n;
  insert into hooks select n, 1, 'signed', null, null, 'sign'::bytea from generate_series(3, 4) n;
  insert into holds select n, 1 + n % 2, 'seat ' || n % 3, case when n > 3 then 'at ' || n end, case when n > 1 then 'seen'::bytea end from generate_series(1, 6) n;
  insert into regions values (1, 1, 'de'), (2, 2, 'fr');
  insert into seats select n, 1 + n % 2, array[(array['admin', 'viewer'])[1 + n / 2 % 2], 'member'], array['remark ' || n, 'another ' || n],
      array['p' || n || '@corp.example'], array[(array['F32', 'F41'])[1 + n / 2 % 2]], 'ref' || n, n::text::bytea, date '2020-01-01' + n, md5(n::text)::uuid, jsonb_build_object('number', n)
    from generate_series(1, 40) n;
  analyze;
`;

let server: PostgresServer;
let client: Client;
let target: Client;

beforeAll(async () => {
  server = await startPostgres();
  const [url, other] = [await server.createDatabase(), await server.createDatabase()];
  client = await connectPostgres(url, { what: "production" });
  target = await connectPostgres(other, { what: "main" });
  await client.query(`${schema} ${data}`);
  await target.query(schema);
  await beginLooking(client, { tenant: "1", maskKey: "0123456789abcdef" });
});
afterAll(async () => {
  await client?.end();
  await target?.end();
  await server?.stop();
});

type Columns = RefreshRules["columns"];

async function problemsOf(columns: Columns) {
  const { refresh } = completeConfig(
    {
      project: "p",
      refresh: {
        from: "prod",
        tenant: { table: "organizations", column: "organization_id", demo: "1" },
        columns,
      },
    },
    "/",
    undefined,
  );
  if (!refresh) throw new Error("no rules");
  return await makePlan(client, target, { rules: refresh, without: [] });
}

async function proposed(): Promise<Record<string, string>> {
  const catalogue = await readCatalogue(client, { what: "production", without: [] });
  const draft = draftTables(catalogue);
  if (!draft) throw new Error("no draft");
  const { observed } = await sampleColumns(client, draft.schema, draft.tables);
  const { proposal } = await proposeFitting(client, draft, observed);
  expect(proposal.unfit).toEqual({});
  return proposal.columns;
}

const evaluated = (columns: Record<string, string>): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, code]) => [
      name,
      new Function("mask", `return ${code}`)(mask),
    ]),
  );

test("what is proposed fits every column, and the plan has nothing against it", async () => {
  const columns = await proposed();
  expect(columns).toMatchObject({
    "people.comment": "mask.text()",
    "people.age": "mask.number()",
    "people.email": "mask.email()",
    "people.manager_email": "mask.email()",
    "logins.email": "mask.email()",
    "people.contact": "mask.email()",
    "people.code": "mask.code()",
    "people.zip": "mask.code()",
    "people.pin": "mask.code()",
    "people.reach": "mask.email()",
    "people.marital_status": 'mask.dictionary(["one", "two"])',
    "people.gender_word": 'mask.dictionary(["f", "m"])',
    "people.gender": 'mask.dictionary(["sad", "ok"], { unique: true })',
    "people.tag": "mask.code()",
    "people.last_sign_in_ip": "mask.token()",
    "people.birthday": "mask.date({ unique: true })",
    "people.salary": "mask.token()",
    "people.spot": 'mask.constant("(0,0)")',
    "people.period": 'mask.constant("empty")',
    "hooks.username": "mask.name()",
    "hooks.password": "mask.token()",
    "hooks.secret": "mask.token()",
    "holds.bed": "mask.text({ unique: true })",
    "holds.proof": "mask.token()",
    "seats.roles": "mask.keep()",
    "seats.notes": "mask.text()",
    "seats.contacts": "mask.email()",
    "seats.diagnoses": "mask.text()",
    "seats.legacy_ref": "mask.text({ unique: true })",
    "seats.scan": "mask.token()",
  });
  const { problems, remarks } = await problemsOf(evaluated(columns));
  expect(problems).toEqual([]);
  expect(remarks).toEqual([]);
});

test.each<[string, Columns, object]>([
  [
    "people.zip",
    { "people.zip": mask.token() },
    {
      code: "MASK_BREAKS_CHECK",
      mask: "token",
      constraint: "people_zip_check",
      check: expect.stringContaining("[0-9]{5}"),
    },
  ],
  [
    "people.contact",
    { "people.contact": mask.text() },
    { code: "MASK_BREAKS_CHECK", mask: "text" },
  ],
  [
    "people.reach",
    { "people.reach": mask.token() },
    { code: "MASK_BREAKS_CHECK", constraint: "mail_check" },
  ],
  [
    "people.nick",
    { "people.nick": mask.constant("a") },
    { code: "MASK_BREAKS_CHECK", mask: "constant" },
  ],
  [
    "people.value",
    { "people.value": mask.constant("") },
    { code: "MASK_BREAKS_CHECK", mask: "constant" },
  ],
  ["people.status", { "people.status": mask.text() }, { code: "MASK_BREAKS_CHECK", mask: "text" }],
  [
    "regions.region",
    { "regions.region": mask.text() },
    { code: "MASK_BREAKS_CHECK", constraint: "the partitions of regions" },
  ],
])(
  "a mask that a check does not let in is named, with one that it does: %s",
  async (subject, wrong, reason) => {
    const columns = { ...evaluated(await proposed()), ...wrong };
    const { problems } = await problemsOf(columns);
    expect(problems).toEqual([
      {
        kind: "rules",
        subject,
        reason: expect.objectContaining(reason),
        suggestion: expect.any(String),
      },
    ]);
    const better = new Function("mask", `return { ${problems[0]?.suggestion}\n }`)(mask);
    expect((await problemsOf({ ...columns, ...better })).problems).toEqual([]);
  },
);

test.each([
  ["seats.legacy_ref", "mask.token()"],
  ["seats.scan", "mask.token()"],
  ["seats.seen", "mask.date({ unique: true })"],
  ["seats.badge", "mask.uuid()"],
  ["seats.details", 'mask.sql("...")'],
])(
  "where NULL is a value like any other, mask.null() is not unique: %s",
  async (subject, instead) => {
    const columns = evaluated(await proposed());
    const { problems } = await problemsOf({ ...columns, [subject]: mask.null() });
    expect(problems).toMatchObject([
      { kind: "rules", subject, reason: { code: "MASK_NOT_UNIQUE", mask: "null", instead } },
    ]);
  },
);

test("a mask that brings rows into a unique index which it does not mean is named", async () => {
  const columns = evaluated(await proposed());
  const { problems } = await problemsOf({ ...columns, "holds.released": mask.null() });
  expect(problems).toContainEqual(
    expect.objectContaining({
      subject: "holds.released",
      reason: expect.objectContaining({ code: "MASK_BREAKS_CHECK", constraint: "holds_bed" }),
    }),
  );
});

test("SQL of a mask that takes too long is told", async () => {
  const columns = evaluated(await proposed());
  const slow = mask.sql("(select {value} from pg_sleep(3))");
  const { problems, remarks } = await problemsOf({ ...columns, "hooks.username": slow });
  expect(problems).toEqual([]);
  expect(remarks).toContainEqual({ table: "hooks", code: "MASK_UNTRIED", column: "username" });
});

test("a check of several columns is tried on masked rows", async () => {
  const columns = evaluated(await proposed());
  const { problems } = await problemsOf({
    ...columns,
    "people.born": mask.date(),
    "people.died": mask.constant("1900-01-01"),
  });
  expect(problems).toMatchObject([
    {
      subject: "people",
      reason: { code: "MASKS_BREAK_CHECK", masks: ["born: date", "died: constant"] },
    },
  ]);
});
