import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DsProject } from "../helpers/ds-project.ts";

// docs/diff.md is true: each of its commands is run, and prints what the page shows.

const page = readFileSync(fileURLToPath(new URL("../../../docs/diff.md", import.meta.url)), "utf8");
const examples = [...page.matchAll(/```console\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
  block
    .split(/^\$ ds /m)
    .slice(1)
    .map((each) => {
      const [command = "", ...lines] = each.split("\n");
      return { command, shown: lines.join("\n") };
    }),
);
const project = new DsProject(`{ project: "shop" }`);

async function query(sql: string): Promise<void> {
  const client = new Client({ connectionString: project.url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  project.migrations.add(
    "0000_shop",
    `create table items (id int primary key, label text, priority int);
     insert into items values (1, 'Import', 2), (2, 'Old import', 2);
     create table notes (id serial primary key, item int references items, body text);
     create table plans (id int, name text);`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

const isOfRows = ({ command }: { command: string }) => command.includes("--data");

async function check(some: typeof examples): Promise<void> {
  for (const { command, shown } of some) {
    const { stdout, stderr, status } = await project.run(command.split(" "));
    expect(status, stderr).toBe(0);
    expect(`$ ds ${command}\n${stdout}`).toBe(`$ ds ${command}\n${shown}`);
  }
}

test("rows", async () => {
  expect(examples.filter(isOfRows)).toHaveLength(3);
  await query(
    `update items set priority = 1 where id = 1; delete from items where id = 2;
     insert into items values (3, 'New import'); insert into notes (item, body) values (3, 'It''s here')`,
  );
  await check(examples.filter(isOfRows));
});

test("the schema", async () => {
  expect(examples.length).toBe(5);
  await query(
    `alter table items add column done boolean not null default false;
     create index items_done on items (done); drop table plans`,
  );
  await check(examples.filter((each) => !isOfRows(each)));
});
