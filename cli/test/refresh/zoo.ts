/**
 * A schema with every shape that copying one organization can trip over, the data of two organizations,
 * and the rules for it. The organization that is copied is number 1.
 */

export const zooSchema = `
create type status as enum ('open', 'done');

create table orgs (
  id bigint primary key, name text not null, billing_email text, root_folder_id bigint, machine_id bigint);
create table countries (code char(2) primary key, name text not null);

-- Shared, and each with a boss who is a user, too.
create table users (
  id bigint primary key, name text not null, email varchar(60) not null unique, phone varchar(20),
  manager_id bigint references users, home char(2) references countries);
create table memberships (
  org_id bigint not null references orgs, user_id bigint not null references users,
  primary key (org_id, user_id));

-- Nothing but the chain from below leads to them: 10,000 deep.
create table folders (id bigint primary key, parent_id bigint references folders, name text not null);
alter table orgs add foreign key (root_folder_id) references folders;
-- Shared rows that need each other.
create table machines (id bigint primary key, engine_id bigint not null);
create table engines (id bigint primary key, machine_id bigint not null references machines deferrable initially deferred);
alter table machines add foreign key (engine_id) references engines deferrable initially deferred;
alter table orgs add foreign key (machine_id) references machines;

create table comments (
  id bigint generated always as identity primary key, org_id bigint not null references orgs,
  author_id bigint not null references users, reply_to bigint constraint comments_reply_to references comments,
  body text not null, meta jsonb, status status not null default 'open', score bigint not null default 0,
  body_length int generated always as (length(body)) stored);
create index comments_body on comments (lower(body));
-- Read back, its condition is written otherwise.
create index users_phone on users (id) where phone in ('+49 1', '+49 2');

-- Owned rows that need each other.
create table hens (id bigint primary key, org_id bigint not null references orgs, egg_id bigint not null);
create table eggs (id bigint primary key, hen_id bigint not null references hens deferrable initially deferred);
alter table hens add constraint hens_egg foreign key (egg_id) references eggs deferrable initially deferred;

-- A key of two columns that is not the primary one.
create table places (
  id bigint primary key, org_id bigint not null references orgs, country char(2) not null references countries,
  code text not null, unique (country, code));
create table visits (
  id bigint primary key, org_id bigint not null references orgs, country char(2), code text,
  foreign key (country, code) references places (country, code));

create table notes (
  id bigint primary key, org_id bigint not null references orgs, subject_type text, subject_id bigint, text text);

create sequence numbers;
create table orders (
  id bigint primary key default nextval('numbers'), org_id bigint not null references orgs, placed date);
create table invoices (
  id bigint primary key default nextval('numbers'), org_id bigint not null references orgs, total numeric(10, 2));

create table events (
  org_id bigint not null references orgs, at date not null, payload jsonb not null,
  id bigint not null, primary key (at, id)) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_other partition of events default;

create table vaults (id bigint primary key, org_id bigint not null references orgs, secret text);
alter table vaults enable row level security;
alter table vaults force row level security;
create policy nobody on vaults using (false);

-- What a trigger would leave behind if it fired.
create table fired (what text not null);
create function fire() returns trigger language plpgsql as $$
  begin insert into fired values (tg_name); return new; end $$;
create trigger origin_trigger after insert on comments for each row execute function fire();
create trigger always_trigger after insert on comments for each row execute function fire();
create trigger off_trigger after insert on comments for each row execute function fire();
alter table comments enable always trigger always_trigger;
alter table comments disable trigger off_trigger;
`;

/**
 * Ada belongs to both organizations, Bob to the first, Cid to the second; Eve is everybody's boss, and Fay
 * is known by a note alone.
 */
export const zooData = `
alter table comments disable trigger user;
insert into countries values ('de', 'Germany'), ('fr', 'France'), ('jp', 'Japan');
insert into folders select n, nullif(n - 1, 0), 'folder ' || n from generate_series(1, 10000) n;
insert into folders values (20000, null, 'another one''s');
begin;
insert into machines values (1, 1), (2, 2);
insert into engines values (1, 1), (2, 2);
commit;
insert into orgs values
  (1, 'First', 'money@first-real.test', 10000, 1), (2, 'Second', 'money@second-real.test', 20000, 2);
insert into users values
  (9, 'Eve Realboss', 'eve@real.test', '+49 30 1111111', null, 'fr'),
  (1, 'Ada Realname', 'ada@real.test', '+49 30 2222222', 9, 'de'),
  (2, 'Bob Realname', 'bob@real.test', null, 1, null),
  (3, 'Cid Realname', 'cid@real.test', '+49 30 3333333', 9, 'jp'),
  (7, 'Fay Realname', 'fay@real.test', null, null, null);
insert into memberships values (1, 1), (1, 2), (2, 1), (2, 3);
insert into comments (org_id, author_id, reply_to, body, meta) values
  (1, 1, null, 'Write to ada@real.test', '{"from": {"email": "ada@real.test", "tags": ["x"]}, "n": 1}'),
  (1, 2, 1, 'Call +49 30 2222222', '{"from": {"email": "bob@real.test"}, "cc": [{"email": "ada@real.test"}]}'),
  (1, 2, 2, 'Thanks', null),
  (2, 3, null, 'Not yours', '{"from": {"email": "cid@real.test"}}'),
  (2, 1, 4, 'Nor this', null);
begin;
insert into hens values (1, 1, 1), (2, 1, 2), (3, 2, 3);
insert into eggs values (1, 2), (2, 1), (3, 3);
commit;
insert into places values (1, 1, 'de', 'B'), (2, 2, 'fr', 'P');
insert into visits values (1, 1, 'de', 'B'), (2, 1, 'fr', null), (3, 1, null, null), (4, 2, 'fr', 'P');
insert into notes values
  (1, 1, 'comment', 1, 'ask bob@real.test'), (2, 1, 'user', 7, null), (3, 1, null, null, ''), (4, 2, 'user', 3, 'no');
insert into orders select n * 2, 1 + n % 2, date '2025-05-05' from generate_series(1, 50) n;
insert into invoices select n * 2 + 1, 1 + n % 2, n from generate_series(1, 50) n;
select setval('numbers', 101);
insert into events select 1 + n % 2, date '2024-07-01' + n, '{"ip": "203.0.113.9"}', n from generate_series(1, 400) n;
insert into vaults values (1, 1, 'open sesame'), (2, 2, 'swordfish');
alter table comments enable trigger origin_trigger;
alter table comments enable always trigger always_trigger;
analyze;
`;

/** As text, so that a case can leave a line out or change one. */
export const zooRules = `{
  from: { variable: "PRODUCTION_URL", marker: { query: "select current_setting('zoo.place', true)", value: "production" } },
  tenant: { table: "orgs", column: "org_id", demo: "1" },
  tables: {
    users: "shared", folders: "shared", machines: "shared", engines: "shared",
    countries: "reference", fired: "skip",
  },
  columns: {
    "orgs.name": mask.name({ part: "company" }),
    "orgs.billing_email": mask.email(),
    "*.email": mask.email(),
    "users.name": mask.name(),
    "*.phone": mask.phone(),
    "comments.body": mask.text(),
    "comments.meta": mask.json({ "from.email": mask.email(), "cc[].email": mask.email() }, { others: "keep" }),
    "notes.subject_type": mask.keep(),
    "notes.text": mask.text(),
    "events.payload": mask.json({ ip: mask.ip() }),
    "vaults.secret": mask.null(),
    "folders.name": mask.keep(),
    "countries.name": mask.keep(),
    "places.code": mask.keep(),
    "visits.code": mask.keep(),
  },
  references: {
    "notes.subject_id": { type: "subject_type", to: { comment: "comments.id", user: "users.id" } },
  },
}`;
