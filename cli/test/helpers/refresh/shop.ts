import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { DsProject } from "../ds-project.ts";

/** A shop with a production of its own: organizations 1 and 2, half of the orders each. */
export async function makeShop(orders = 3000): Promise<DsProject> {
  const project = new DsProject(`{
    project: "shop",
    stages: { prod: { project: "shop-prod", seed: { command: "node seed.mjs" } } },
    refresh: {
      from: "prod",
      tenant: { table: "organizations", column: "organization_id", demo: "1" },
      columns: {
        "organizations.name": { mask: "text", unique: false },
        "orders.note": { mask: "token" },
      },
    },
  }`);
  project.migrations.add(
    "0000_shop",
    `create table organizations (id int primary key, name text);
     create table orders (id serial primary key, organization_id int not null references organizations, note text);
     create index orders_note on orders (note);`,
  );
  mkdirSync(join(project.path, ".git"));
  project.write(
    "seed.mjs",
    `import pg from "${import.meta.resolve("pg")}";
     const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
     await client.connect();
     await client.query("insert into organizations values (1, 'the first'), (2, 'the second')");
     await client.query("insert into orders (organization_id, note) select 1 + g % 2, 'note ' || g from generate_series(1, ${orders}) g");
     await client.end();`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  if (setup.status !== 0) throw new Error(setup.stderr);
  return project;
}

export async function query<T>(text: string, url: string): Promise<T[]> {
  const client = await connectPostgres(url, { what: "the test" });
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
