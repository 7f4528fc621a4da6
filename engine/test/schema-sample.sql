-- One of everything that pg_dump prints in a form of its own.
create schema billing authorization neondb_owner;
comment on schema billing is 'Money; and a semicolon';

create type public.status as enum ('open', 'in progress', 'it''s done');
create type public.money_amount as (currency text, cents bigint);
create domain public.email as text check (value ~ '^[^@]+@[^@]+$') not null;
create sequence billing.invoice_number start 1000 increment 10;

create function public.touch() returns trigger language plpgsql as $body$
begin
  -- Name: fake; Type: TABLE; Schema: public; Owner: nobody
  new.updated_at := now();
  return new; -- ';' and $$ inside
end
$body$;

create function public.add(a integer, b integer default 1) returns integer
  language sql immutable begin atomic select a + b; end;

create procedure public.nothing() language sql as 'select 1; select 2';

create table public.users (
  id bigint generated always as identity primary key,
  "fullName" text not null default 'Jane; "quoted" (really), ''yes''',
  email public.email,
  status public.status not null default 'open',
  tags text[] not null default array['a', 'b'],
  born date constraint plausible check (born > '1900-01-01'),
  score numeric(10, 2) default 0.00,
  shout text generated always as (upper("fullName")) stored,
  updated_at timestamptz not null default now(),
  unique ("fullName", email)
);
comment on table public.users is 'People
on two lines; with -- dashes';
comment on column public.users."fullName" is 'First and last';
create trigger touch before update on public.users for each row execute function public.touch();
create index users_born on public.users (born desc nulls last) where born is not null;
create unique index "Users Lower Name" on public.users (lower("fullName"));

create table public."Größe & Maß" (
  "Straße" text,
  "日本語" integer references public.users (id) on delete cascade,
  n serial
);

create table billing.invoices (
  id uuid not null default gen_random_uuid(),
  number bigint not null default nextval('billing.invoice_number'),
  user_id bigint not null references public.users,
  total public.money_amount,
  issued date not null,
  primary key (id, issued)
) partition by range (issued);
create table billing.invoices_2026 partition of billing.invoices
  for values from ('2026-01-01') to ('2027-01-01');
create table billing.invoices_rest partition of billing.invoices default;
create index invoices_by_user on billing.invoices (user_id) include (issued);

create view public.adults with (security_barrier) as
  select id, "fullName" from public.users where born < '2008-01-01';
create materialized view billing.totals as
  select user_id, count(*) as invoices from billing.invoices group by user_id with no data;
create rule no_delete as on delete to public.adults do instead nothing;

alter table public.users enable row level security;
create policy own_row on public.users for select using ("fullName" = current_user);

create statistics public.users_born_status (dependencies) on born, status from public.users;
create aggregate public.product(integer) (sfunc = int4mul, stype = integer, initcond = '1');
create collation public.german (provider = icu, locale = 'de-DE');
grant select on public.users to reader;
alter default privileges in schema billing grant select on tables to reader;
