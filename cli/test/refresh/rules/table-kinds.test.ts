import { afterAll, beforeAll, expect, test } from "vitest";
import { mask } from "../../../src/config/define/masks.ts";
import type { RefreshConfig } from "../../../src/config/define/refresh.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";
import { TwoDatabases } from "./copy-rules.ts";

// Tables that are not plain: exactly the organization's rows arrive, and constraints hold as before.

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const clinics = `create table clinics (id text primary key);`;
const two = `insert into clinics values ('a'), ('b');`;

interface Kind {
  schema: string;
  data: string;
  rules?: Pick<RefreshConfig, "tables" | "columns" | "crossTenant">;
  /** One column, and its values in the copy of clinic `a`. */
  asked: string;
  arrives: unknown[];
}

const temporal = `
  create table doctors (id text primary key, clinic_id text REFERENCED references clinics);
  create table jobs (doctor_id text not null references doctors, during daterange not null, primary key (doctor_id, during without overlaps));
  create table notes (id int primary key, clinic_id text not null references clinics, doctor_id text not null, noted daterange not null,
    foreign key (doctor_id, period noted) references jobs (doctor_id, period during));`;
const jobs = `
  insert into doctors values ('d1', 'a'), ('d2', 'b'), ('d3', 'b');
  insert into jobs select 'd' || n, daterange(d, d + 100) from generate_series(1, 3) n, unnest(array[date '2025-01-01', '2025-04-11']) d;
  insert into notes values (1, 'a', 'd1', '[2025-03-01,2025-05-01)'), (2, 'b', 'd2', '[2025-03-01,2025-05-01)');`;

const kinds: Record<string, Kind> = {
  "a foreign key with PERIOD, of the organization's": {
    schema: temporal.replace("REFERENCED", "not null"),
    data: jobs,
    asked: "select 'note ' || id from notes union all select doctor_id || lower(during) from jobs",
    arrives: ["d12025-01-01", "d12025-04-11", "note 1"],
  },
  "a foreign key with PERIOD alone leads to the organization": {
    schema: temporal
      .replace("REFERENCED", "not null")
      .replace("clinic_id text not null references clinics, doctor_id", "doctor_id"),
    data: jobs.replaceAll(/(\d), '[ab]', ('d\d', '\[)/g, "$1, $2"),
    asked: "select id from notes",
    arrives: [1],
  },
  "a foreign key with PERIOD to what is everybody's": {
    schema: temporal.replace("REFERENCED", ""),
    data: jobs,
    rules: {
      tables: { doctors: "shared", jobs: "shared" },
      crossTenant: { "doctors.clinic_id": "null" },
    },
    asked: "select 'note ' || id from notes union all select doctor_id || lower(during) from jobs",
    arrives: ["d12025-01-01", "d12025-04-11", "note 1"],
  },
  "partitions of partitions, with defaults": {
    schema: `create table readings (id bigint generated always as identity, clinic_id text not null, taken date not null, kind text not null,
        primary key (id, taken, kind)) partition by range (taken);
      create table readings_25 partition of readings for values from ('2025-01-01') to ('2026-01-01') partition by list (kind);
      create table readings_25_bp partition of readings_25 for values in ('bp');
      create table readings_25_rest partition of readings_25 default;
      create table readings_rest partition of readings default;`,
    data: `insert into readings (clinic_id, taken, kind) select c, d, k
      from unnest(array['a', 'b']) c, unnest(array[date '2024-05-05', '2025-05-05']) d, unnest(array['bp', 'hr']) k;`,
    asked: "select clinic_id || kind || ' ' || tableoid::regclass from readings",
    arrives: [
      "abp readings_25_bp",
      "abp readings_rest",
      "ahr readings_25_rest",
      "ahr readings_rest",
    ],
  },
  "hash partitions": {
    schema: `create table mails (id int primary key, clinic_id text not null, subject text) partition by hash (id);
      create table mails_0 partition of mails for values with (modulus 2, remainder 0);
      create table mails_1 partition of mails for values with (modulus 2, remainder 1);`,
    data: "insert into mails select n, (array['a', 'b'])[1 + n % 2], 'hi' from generate_series(1, 6) n;",
    rules: { columns: { "mails.subject": mask.constant("-") } },
    asked: "select id || subject from mails",
    arrives: ["2-", "4-", "6-"],
  },
  "two ways to the organization, one of which may end nowhere": {
    schema: `create table courses (id int primary key, clinic_id text references clinics);
      create table pupils (id int primary key, clinic_id text not null references clinics);
      create table places (id int primary key, course_id int not null references courses, pupil_id int not null references pupils);`,
    data: "insert into courses values (1, 'a'), (2, null); insert into pupils values (1, 'a'), (2, 'b'); insert into places values (1, 1, 1), (2, 2, 1), (3, 2, 2);",
    rules: { tables: { courses: { nullTenant: "shared" } } },
    asked: "select 'place ' || id from places union all select 'course ' || id from courses",
    arrives: ["course 1", "course 2", "place 1", "place 2"],
  },
  inheritance: {
    schema: `create table people (id int primary key, clinic_id text not null);
      create table nurses (ward int) inherits (people);`,
    data: "insert into people values (1, 'a'), (2, 'b'); insert into nurses values (3, 'a', 7), (4, 'b', 8);",
    asked: "select tableoid::regclass || ' ' || id from people",
    arrives: ["nurses 3", "people 1"],
  },
  "an exclusion constraint, and masks that keep to it": {
    schema: `create table slots (id int primary key, clinic_id text not null, room text not null, during tstzrange not null,
        exclude using gist (room with =, during with &&));`,
    data: `insert into slots select n, (array['a', 'b'])[1 + n % 2], 'room ' || n / 3, tstzrange(timestamptz '2025-01-01 UTC' + n * interval '1 hour',
        timestamptz '2025-01-01 UTC' + (n + 1) * interval '1 hour') from generate_series(1, 6) n;`,
    rules: { columns: { "slots.room": mask.token(), "slots.during": mask.keep() } },
    asked: "select id from slots where room !~ 'room'",
    arrives: [2, 4, 6],
  },
  "a cycle of constraints that are checked at the end": {
    schema: `create table wards (id int primary key, clinic_id text not null references clinics, head_id int not null, place int not null, unique (place) deferrable initially deferred);
      create table staff (id int primary key, ward_id int not null references wards deferrable initially deferred);
      alter table wards add foreign key (head_id) references staff deferrable initially deferred;`,
    data: "begin; insert into wards values (1, 'a', 1, 5), (2, 'b', 2, 6); insert into staff values (1, 1), (2, 2); commit;",
    asked: "select 'ward ' || id from wards union all select 'staff ' || id from staff",
    arrives: ["staff 1", "ward 1"],
  },
  "generated columns, made of masked ones": {
    schema: `create table guests (id int generated always as identity primary key, clinic_id text not null, given text,
        label text generated always as ('Dr ' || given) stored, initial text generated always as (left(given, 1)) virtual);`,
    data: "insert into guests (clinic_id, given) values ('b', 'Bo'), ('a', 'Al');",
    rules: { columns: { "guests.given": mask.constant("X") } },
    asked: "select id || label || initial from guests",
    arrives: ["2Dr XX"],
  },
  "row security that holds for the owner, too": {
    schema: `create table scripts (id int primary key, clinic_id text not null);
      alter table scripts enable row level security; alter table scripts force row level security;
      create policy mine on scripts using (clinic_id = 'c');`,
    data: "insert into scripts values (1, 'a'), (2, 'b');",
    asked: "select id from scripts",
    arrives: [1],
  },
  "a unique key in which NULL is a value": {
    schema: `create table cards (id int primary key, clinic_id text not null, number text, unique nulls not distinct (clinic_id, number));`,
    data: "insert into cards values (1, 'a', 'one'), (2, 'a', null), (3, 'a', 'two'), (4, 'b', null);",
    rules: { columns: { "cards.number": mask.token() } },
    asked: "select id from cards",
    arrives: [1, 2, 3],
  },
};

test.each(Object.entries(kinds))("%s", async (_what, { schema, data, rules, asked, arrives }) => {
  const databases = await TwoDatabases.make(
    server,
    `create extension btree_gist; ${clinics} ${schema}`,
    `${two} ${data}`,
  );
  await databases.copy({
    from: "prod",
    tenant: { table: "clinics", column: "clinic_id", demo: "a" },
    ...rules,
  });
  const { rows } = await databases.here((client) =>
    client.query<{ v: unknown }>(`select v from (${asked}) s(v) order by v`),
  );
  expect(rows.map(({ v }) => v)).toEqual(arrives);
});
