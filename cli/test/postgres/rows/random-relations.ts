import type { Client } from "pg";
import type { Random } from "./random-changes.ts";

// Tables that hang on each other in every way, and changes of all of them; always the same for a seed.

/** Circles, references to themselves, keys with actions, unique values besides the key, triggers, identity, partitions. */
export const relations = `
  create type mood as enum ('sad', 'ok', 'happy');
  create type place as (street text, zip varchar(5));
  create table org (id int primary key, slug text not null unique, head int, label text);
  create table member (
    id int generated always as identity primary key,
    org_id int not null references org on delete cascade,
    email text not null,
    lower_email text generated always as (lower(email)) stored unique,
    boss int references member on delete set null,
    seat int, rank int generated always as identity,
    note text,
    unique (org_id, seat)
  );
  alter table org add constraint org_head foreign key (head) references member on delete set null;
  comment on constraint org_head on org is 'It''s a circle';
  create table badge (code text primary key, member_id int references member (id) on delete restrict, place place, moods mood[]);
  create table tree (id int primary key, parent int references tree on delete restrict, name text unique);
  create table leaf (id int primary key, tree_name text references tree (name) on update cascade on delete cascade, n numeric);
  create table price (amount numeric primary key, note json);
  create table sale (id int primary key, amount numeric references price on delete cascade);
  create table log (id bigserial, day date, member_id int references member on delete no action, line text, primary key (id, day)) partition by range (day);
  create table log_1 partition of log for values from ('2026-01-01') to ('2026-02-01');
  create table log_2 partition of log for values from ('2026-02-01') to ('2026-03-01');
  create table bag (member_id int references member on delete cascade, word text, n float8, weights float8[]);
  create table slot (id int primary key, during int4range not null, exclude using gist (during with &&));
  create unique index on slot ((upper(during) - lower(during))) where id > 1000;
  create table pair (a text collate "C", b timestamptz, c bytea, primary key (b, a));
  create table later (id int primary key, pos int unique deferrable, up int references later deferrable);
  create table silent (id int primary key, at timestamptz default now(), count int default 0);
  create sequence loose;
  create function stamp() returns trigger language plpgsql as $$ begin new.count := new.count + 1; return new; end $$;
  create function no() returns trigger language plpgsql as $$ begin return null; end $$;
  create trigger stamp before insert or update on silent for each row execute function stamp();
  create trigger off before insert on silent for each row execute function no();
  alter table silent disable trigger off;
  create trigger always before update on badge for each row when (false) execute function no();
  alter table badge enable always trigger always;
  create trigger part before delete on log for each row when (old.id < 0) execute function no();
  alter table log_2 disable trigger part;
  create rule keep as on delete to slot where old.id < 0 do instead nothing;
  insert into org select n, 'org-' || n, null, 'x' from generate_series(1, 6) n;
  insert into member (org_id, email, boss, seat) select 1 + n % 6, 'Mail' || n || '@x', nullif(n / 2, 0), n from generate_series(1, 30) n;
  update org set head = id;
  insert into badge select 'b' || n, n, ('("Street ""' || n || '",123)')::place, array['ok', null]::mood[] from generate_series(1, 20) n;
  insert into tree select n, nullif(n / 3, 0), 'tree ' || n from generate_series(1, 25) n;
  insert into leaf select n, 'tree ' || (1 + n % 25), n / 3.0 from generate_series(1, 40) n;
  insert into price select n + 0.5, '{"a": 1}' from generate_series(1, 10) n;
  insert into sale select n, 1 + n % 10 + 0.5 from generate_series(0, 20) n;
  insert into log (day, member_id, line) select date '2026-01-01' + n, 1 + n % 30, E'a\\tb\\n' || n from generate_series(1, 50) n;
  insert into bag select 1 + n % 30, 'w' || n % 3, case n % 4 when 0 then 'NaN' when 1 then '-Infinity' else n / 7.0 end, array[n, null] from generate_series(1, 60) n;
  insert into slot select n, int4range(n * 10, n * 10 + 5) from generate_series(1, 20) n;
  insert into pair select chr(64 + n), timestamptz '2026-03-29 00:30Z' + n * interval '1 hour', sha256(n::text::bytea) from generate_series(1, 20) n;
  insert into later select n, n, nullif(n - 1, 0) from generate_series(1, 10) n;
  insert into silent (id) select n from generate_series(1, 10) n`;

/** Whatever of it a constraint refuses is left undone. */
export async function changeRelations(client: Client, random: Random): Promise<void> {
  const member = () => 1 + random(32);
  const changes = [
    () => `update org set id = id + 100 where id = ${1 + random(6)}`,
    () => `insert into org values (${50 + random(5)}, 'org-${random(9)}', null, 'new')`,
    () => `delete from org where id = ${1 + random(6)}`,
    () => `update org set slug = 'org-' || (${7 + random(3)} - id) where id < 7`,
    () =>
      "begin; update org set slug = slug || '!'; update org set slug = 'org-' || (7 - id) where id < 7; commit",
    () => `update org set head = ${member()} where id = ${1 + random(6)}`,
    () =>
      `insert into member (org_id, email, boss, seat) select id, 'new${random(99)}@x', ${member()}, ${random(60)} from org limit 1`,
    () => `delete from member where id = ${member()}`,
    () =>
      `delete from badge where member_id < 10; delete from log where member_id < 10; delete from member where id < 10`,
    () => `update member set email = 'Swap' || (${40 + random(9)} - id) || '@x' where id % 3 = 0`,
    () =>
      `update member set org_id = (select max(id) from org), seat = seat + 100 where id % ${2 + random(5)} = 0`,
    () => `update member set boss = ${member()} where id = ${member()}`,
    () =>
      `update member set note = E'it''s \\\\ \\x1b[31m "' || id where id % ${2 + random(5)} = 0`,
    () =>
      `update badge set member_id = ${member()}, moods = moods || 'happy'::mood where code = 'b${random(20)}'`,
    () => `update badge set place = row(null, '') where code < 'b${random(9)}'`,
    () => `update badge set code = 'c' || code where code = 'b${random(20)}'`,
    () =>
      `update tree set name = 'tree ' || (${26 + random(3)} - id) where id > 20 and false or id = ${random(25)}`,
    () => `update tree set parent = ${1 + random(25)} where id = ${1 + random(25)}`,
    () => `delete from tree where id = ${1 + random(25)}`,
    () =>
      `with x as (select id, name from tree where id in (3, 4)) update tree t set name = x.name || 'x' from x where t.id = x.id`,
    () =>
      `insert into tree values (${100 + random(9)}, ${1 + random(25)}, 'tree ${random(30)}') on conflict do nothing`,
    () => `delete from leaf where id % ${2 + random(9)} = 0`,
    () =>
      `update price set amount = amount::numeric(10,4), note = null where amount < ${random(9)}`,
    () =>
      `alter table sale drop constraint sale_amount_fkey; update price set amount = amount::numeric(10,3); alter table sale add foreign key (amount) references price on delete cascade`,
    () => `delete from price where amount = ${random(9)} + 0.5`,
    () => `update log set day = day + 20 where id % ${2 + random(9)} = 0 and day < '2026-02-05'`,
    () => `delete from log where id % ${2 + random(9)} = 1`,
    () =>
      `insert into log (day, member_id, line) values ('2026-02-0${1 + random(8)}', ${member()}, null)`,
    () =>
      `insert into bag select ${member()}, 'w1', 'NaN', '{}' from generate_series(1, ${1 + random(4)})`,
    () =>
      `delete from bag where ctid in (select ctid from bag where word = 'w${random(3)}' limit ${random(9)})`,
    () => `update slot set during = int4range(lower(during) + 1, upper(during) + 3)`,
    () =>
      `delete from slot where id = ${random(20)}; insert into slot values (${100 + random(20)}, '[${random(200)},${200 + random(9)})')`,
    () => `update pair set a = lower(a), c = c || '\\x00ff' where a < '${"BDFHJ"[random(5)]}'`,
    () => `update later set pos = 11 - pos`,
    () => `update later set id = id + 50 where id = 10; update later set up = 1 where id > 5`,
    () => `update silent set at = at + interval '1 day' where id < ${random(10)}`,
    () => `insert into silent (id) values (${20 + random(20)})`,
    () => `select nextval('loose') from generate_series(1, ${1 + random(9)})`,
    () => "truncate bag, leaf",
    () => "truncate org cascade",
  ];
  for (let count = 1 + random(12); count > 0; count -= 1) {
    const change = (changes[random(changes.length)] as () => string)();
    await client.query(change).catch(() => client.query("rollback"));
  }
}

/** What of the tables statements take off and put back. */
export const surroundingsSql = `
  select json_agg(x order by x::text) as all from (
    select json_build_array('c', conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, condeferred, convalidated,
      obj_description(oid, 'pg_constraint')) x
    from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select json_build_array('t', tgrelid::regclass, tgname, tgenabled, tgdeferrable, tginitdeferred) from pg_trigger where not tgisinternal
    union all
    select json_build_array('r', ev_class::regclass, rulename, ev_enabled) from pg_rewrite where rulename = 'keep'
  ) s`;
