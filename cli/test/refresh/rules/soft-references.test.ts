import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oneByOne, referencesIn } from "../../../src/lib/format/name-lists.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";
import { proposedRules, TwoDatabases } from "./copy-rules.ts";

// References that no foreign key declares, in schemas of several kinds, with the rules of `--init` as they are.

interface Soft {
  schema: string;
  data: string;
  /** The organization that is copied. */
  demo: string;
  /** What is found, and nothing else is. */
  references: Record<string, string>;
  /** By table: SQL of the rows that are the organization's, by their primary key as text. */
  rows: Record<string, string>;
  /** Joins, by name: the primary keys of both sides, `one` and `other`, as text. */
  joins: Record<string, string>;
  /** Columns whose values must not arrive as they are. */
  masked: string[];
}

const schemas: Record<string, Soft> = {
  "text keys, keys of a customer's own, documents": {
    demo: "org_a",
    schema: `
      create table organizations (id text primary key, name text);
      create table projects (id text primary key, organization_id text not null references organizations, name text);
      create table customers (id text primary key, organization_id text not null references organizations, external_id text not null unique);
      create table blobs (id text primary key, content bytea);
      create table documents (id text primary key, organization_id text not null references organizations, blob_id text);
      create table audit_logs (id bigint primary key, project_id text not null, actor_id text, line text);
      create table events (id bigint primary key, organization_id text not null references organizations, external_customer_id varchar(40), kind text);
      create table shipments (id bigint primary key, organization_id text, project_id text, customer_external_id text);`,
    data: `
      insert into organizations values ('org_a', 'Ridgeway'), ('org_b', 'Hollow');
      insert into projects select 'prj_' || n, 'org_' || (array['a', 'b'])[1 + n % 2], 'Project ' || n from generate_series(1, 30) n;
      insert into customers select 'cus_' || n, 'org_' || (array['a', 'b'])[1 + n % 2], 'K-' || 70000 + n from generate_series(1, 60) n;
      insert into blobs select 'blob_' || n, convert_to('scan ' || n, 'UTF8') from generate_series(1, 90) n;
      insert into documents select 'doc_' || n, 'org_' || (array['a', 'b'])[1 + n % 2], case when n % 5 > 0 then 'blob_' || n end from generate_series(1, 80) n;
      insert into audit_logs select n, 'prj_' || 1 + n % 40, 'usr_' || n, 'changed by Mrs Okonkwo' from generate_series(1, 200) n;
      insert into events select n, 'org_' || (array['a', 'b'])[1 + n % 2], 'K-' || 70000 + n % 60 + 60 * (n % 7 / 6) , 'open' from generate_series(1, 240) n;
      insert into shipments select n, case n % 3 when 0 then 'org_' || (array['a', 'b'])[1 + n % 2] end, case n % 3 when 1 then 'prj_' || 1 + n % 30 end,
        case when n % 3 = 2 then 'K-' || 70001 + n % 60 end from generate_series(1, 90) n;`,
    references: {
      "audit_logs.project_id": "projects.id",
      "documents.blob_id": "blobs.id",
      "events.external_customer_id": "customers.external_id",
      "shipments.customer_external_id": "customers.external_id",
      "shipments.project_id": "projects.id",
    },
    rows: {
      audit_logs: `select a.id::text from audit_logs a join projects p on p.id = a.project_id where p.organization_id = 'org_a'`,
      blobs: `select b.id from blobs b join documents d on d.blob_id = b.id where d.organization_id = 'org_a'`,
      events: `select id::text from events where organization_id = 'org_a'`,
      shipments: `select id::text from shipments where organization_id = 'org_a'
        or project_id in (select id from projects where organization_id = 'org_a')
        or customer_external_id in (select external_id from customers where organization_id = 'org_a')`,
    },
    joins: {
      projects: `select a.id::text as one, p.id as other from audit_logs a join projects p on p.id = a.project_id where p.organization_id = 'org_a'`,
      blobs: `select d.id as one, b.id as other from documents d join blobs b on b.id = d.blob_id where d.organization_id = 'org_a'`,
      customers: `select e.id::text as one, c.id as other from events e join customers c on c.external_id = e.external_customer_id where e.organization_id = 'org_a' and c.organization_id = 'org_a'`,
      shipments: `select s.id::text as one, c.id as other from shipments s join customers c on c.external_id = s.customer_external_id where c.organization_id = 'org_a'`,
    },
    masked: [
      "customers.external_id",
      "events.external_customer_id",
      "audit_logs.line",
      "audit_logs.actor_id",
    ],
  },
  "UUIDs and camelCase, people of everybody, values without a telling name": {
    demo: "2",
    schema: `
      create table "Workspaces" (id int primary key, title text);
      create table "Users" (id uuid primary key, email text unique);
      create table "Memberships" ("workspaceId" int not null references "Workspaces", "userId" uuid not null, primary key ("workspaceId", "userId"));
      create table "BoardItems" (id uuid primary key, "workspaceId" int not null, "createdBy" uuid, "parentId" uuid);
      create table "Activity" (id int primary key, "workspaceId" int not null, "boardItemId" uuid, subject uuid, "deviceUuid" uuid not null);
      create table "Reactions" (id int primary key, "boardItemId" text not null, "position" int not null);`,
    data: `
      insert into "Workspaces" select n, 'W' || n from generate_series(1, 3) n;
      insert into "Users" select md5('u' || n)::uuid, 'u' || n || '@corp.example' from generate_series(1, 40) n;
      insert into "Memberships" select 1 + n % 3, md5('u' || n)::uuid from generate_series(1, 30) n;
      insert into "BoardItems" select md5('i' || n)::uuid, 1 + n % 3, md5('u' || 1 + n % 40)::uuid, case when n > 3 then md5('i' || n - 3)::uuid end from generate_series(1, 90) n;
      insert into "Activity" select n, 1 + n % 3, md5('i' || 1 + (n + 2) % 90)::uuid, md5('i' || 1 + (n + 2) % 90)::uuid, md5('d' || n)::uuid from generate_series(1, 120) n;
      insert into "Reactions" select n, md5('i' || 1 + n % 90)::uuid::text, n % 4 from generate_series(1, 100) n;`,
    references: {
      "Activity.boardItemId": "BoardItems.id",
      "BoardItems.createdBy": "Users.id",
      "BoardItems.parentId": "BoardItems.id",
      "Memberships.userId": "Users.id",
      "Reactions.boardItemId": "BoardItems.id",
    },
    rows: {
      Users: `select id::text from "Users" where id in (select "userId" from "Memberships" where "workspaceId" = 2)
        or id in (select "createdBy" from "BoardItems" where "workspaceId" = 2)`,
      Reactions: `select r.id::text from "Reactions" r join "BoardItems" i on i.id::text = r."boardItemId" where i."workspaceId" = 2`,
    },
    joins: {
      users: `select i.id::text as one, u.id::text as other from "BoardItems" i join "Users" u on u.id = i."createdBy" where i."workspaceId" = 2`,
      items: `select a.id::text as one, i.id::text as other from "Activity" a join "BoardItems" i on i.id = a."boardItemId" where a."workspaceId" = 2`,
      reactions: `select r.id::text as one, i.id::text as other from "Reactions" r join "BoardItems" i on i.id::text = r."boardItemId" where i."workspaceId" = 2`,
    },
    masked: ["Users.email"],
  },
  "numbers without a foreign key anywhere, which fit everything": {
    demo: "1",
    schema: `
      create table accounts (id bigserial primary key, name text);
      create table agents (id bigserial primary key, name text, email text);
      create table contacts (id bigserial primary key, account_id bigint not null, phone_number text);
      create table conversations (id bigserial primary key, account_id bigint not null, contact_id bigint not null, agent_id int, priority_id int, external_post_id bigint);
      create table posts (id bigserial primary key, account_id bigint not null, title text);
      create table messages (id bigserial primary key, conversation_id bigint not null, body text, position int);
      create table priorities (id serial primary key, account_id bigint not null, weight int);`,
    data: `
      insert into accounts select n, 'Account ' || n from generate_series(1, 2) n;
      insert into agents select n, 'Ada Quimby ' || n, 'a' || n || '@corp.example' from generate_series(1, 10) n;
      insert into contacts select n, 1 + n % 2, '+4917012340' || n from generate_series(1, 60) n;
      insert into posts select n, 1 + n % 2, 'Post ' || n from generate_series(1, 80) n;
      insert into conversations select n, 1 + n % 2, 1 + (n + 1) % 60, 1 + n % 10, 1 + n % 8, 1 + n / 2 % 80 from generate_series(1, 160) n;
      insert into messages select n, 1 + n % 160, 'Dear Mr Lindqvist ' || n, n % 5 from generate_series(1, 300) n;
      insert into priorities select n, 1 + n / 4 % 2, n from generate_series(1, 8) n;`,
    references: {
      "conversations.agent_id": "agents.id",
      "conversations.contact_id": "contacts.id",
      "messages.conversation_id": "conversations.id",
    },
    rows: {
      messages: `select m.id::text from messages m join conversations c on c.id = m.conversation_id where c.account_id = 1`,
      conversations: `select id::text from conversations where account_id = 1`,
      agents: `select agent_id::text from conversations where account_id = 1`,
    },
    joins: {
      messages: `select m.id::text as one, c.id::text as other from messages m join conversations c on c.id = m.conversation_id where c.account_id = 1`,
      agents: `select c.id::text as one, a.id::text as other from conversations c join agents a on a.id = c.agent_id where c.account_id = 1`,
      contacts: `select c.id::text as one, k.id::text as other from conversations c join contacts k on k.id = c.contact_id where c.account_id = 1`,
    },
    masked: ["agents.name", "messages.body", "contacts.phone_number"],
  },
  "one row in twenty leads to another organization, some to what is gone": {
    demo: "t1",
    schema: `
      create table tenants (id varchar(8) primary key);
      create table app_products (id uuid primary key, tenant_id varchar(8) not null references tenants, sku varchar(30) not null unique);
      create table order_lines (id int primary key, tenant_id varchar(8) not null references tenants, product_uuid uuid, sku text);`,
    data: `
      insert into tenants values ('t0'), ('t1');
      insert into app_products select md5('p' || n)::uuid, 't' || n % 2, 'SKU-' || 10000 + n from generate_series(1, 200) n;
      insert into order_lines select n, 't' || n % 2, md5('p' || (case when n % 20 = 0 then n + 1 else n end) + case when n % 9 = 0 then 5000 else 0 end)::uuid,
        'SKU-' || 10000 + (case when n % 20 = 1 then n + 1 else n end) from generate_series(1, 190) n;`,
    references: {
      "order_lines.product_uuid": "app_products.id",
      "order_lines.sku": "app_products.sku",
    },
    rows: {
      app_products: `select id::text from app_products where tenant_id = 't1'`,
      order_lines: `select id::text from order_lines where tenant_id = 't1'`,
    },
    joins: {
      products: `select l.id::text as one, p.id::text as other from order_lines l join app_products p on p.id = l.product_uuid where l.tenant_id = 't1' and p.tenant_id = 't1'`,
      skus: `select l.id::text as one, p.id::text as other from order_lines l join app_products p on p.sku = l.sku where l.tenant_id = 't1' and p.tenant_id = 't1'`,
    },
    masked: ["app_products.sku", "order_lines.sku"],
  },
};

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const answers = async (client: Client, sql: string): Promise<string[]> => {
  const { rows } = await client.query(sql);
  return [...new Set(rows.map((row) => Object.values(row).join(" -> ")))].sort();
};
const quoted = (column: string) => {
  const [table = "", name = ""] = column.split(".");
  return { table: `"${table}"`, name: `"${name}"` };
};

describe.each(Object.entries(schemas))("%s", (_, { schema, data, demo, ...expected }) => {
  let two: TwoDatabases;
  let proposed: Awaited<ReturnType<typeof proposedRules>>;
  beforeAll(async () => {
    two = await TwoDatabases.make(server, schema, data);
    proposed = await proposedRules(two, demo);
  });

  test("are found, and no other ones", () => {
    const { rules, unseen } = proposed;
    const found = Object.entries(oneByOne(rules.references, referencesIn)).map(([name, { to }]) => [
      name,
      to,
    ]);
    expect(Object.fromEntries(found)).toEqual(expected.references);
    expect(unseen).toEqual([]);
  });

  test("lead where they led: the rows, the joins, and nothing of anybody else", async () => {
    await two.copy(proposed.rules);
    for (const [table, sql] of Object.entries(expected.rows)) {
      const { rows } = await two.here((client) =>
        client.query(`select ${table === "Memberships" ? "1" : "id"}::text as id from "${table}"`),
      );
      const there = await two.there((client) => answers(client, sql));
      expect({ table, rows: rows.map(({ id }) => id).sort() }).toEqual({ table, rows: there });
    }
    for (const [name, sql] of Object.entries(expected.joins)) {
      const [there, here] = [
        await two.there((client) => answers(client, sql)),
        await two.here((client) => answers(client, sql)),
      ];
      expect(there.length).toBeGreaterThan(0);
      expect({ name, pairs: here }).toEqual({ name, pairs: there });
    }
    for (const column of expected.masked) {
      const { table, name } = quoted(column);
      const sql = `select ${name} from ${table} where ${name} is not null`;
      const there = new Set(await two.there((client) => answers(client, sql)));
      const here = await two.here((client) => answers(client, sql));
      expect(here.filter((value) => there.has(value))).toEqual([]);
    }
  });
});
