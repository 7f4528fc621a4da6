import pg from "pg";
import { beforeEach, expect, test } from "vitest";
import type { ChangedPages } from "../src/log-summaries/changed-pages.ts";
import { sql, type TestBranch, type TestProject } from "./support/branches.ts";
import type { TestEngine } from "./support/test-engine.ts";
import { withEngine } from "./support/with-engine.ts";

let engine: TestEngine;
let project: TestProject;

withEngine((fresh) => {
  ({ engine, project } = fresh);
});

let count = 0;
let main: TestBranch;

/** A branch that stands for main: 4,000 rows on 18 pages. */
beforeEach(async () => {
  count += 1;
  main = await project.branch(`main-${count}`);
  await sql(
    main.uri,
    `create table items (id int primary key, note text, n int);
     insert into items select g, 'note', 0 from generate_series(1, 4000) g;
     create table other (id int);`,
  );
});

async function pages(branch: TestBranch, base = main): Promise<ChangedPages> {
  const query = `base_branch_id=${base.id}&db_name=neondb`;
  const path = `/ds/projects/${project.id}/branches/${branch.id}/changed_pages?${query}`;
  const headers = { authorization: `Bearer ${engine.apiKey}` };
  const response = await fetch(`${engine.url}${path}`, { headers });
  expect(response.status).toBe(200);
  return response.json() as Promise<ChangedPages>;
}

/** Of the table items, as the branch has it. */
async function itemsOf(branch: TestBranch, base = main) {
  const found = await pages(branch, base);
  if ("unknown" in found) return found.unknown;
  const [row] = await sql<{ file: number; table: number }>(
    branch.uri,
    "select pg_relation_filenode('items') as file, 'items'::regclass::oid as table",
  );
  const ranges = found.files.find(({ filenode }) => filenode === row?.file)?.ranges ?? [];
  return { ranges, isOpen: found.open.includes(row?.table ?? 0) };
}

const change = (branch: TestBranch, id: number) =>
  sql(branch.uri, "update items set n = n + 1 where id = $1", [id]);

/** As the server's clock has it. */
async function momentOf({ uri }: TestBranch): Promise<string> {
  const [row] = await sql<{ now: string }>(
    uri,
    "select clock_timestamp() at time zone 'UTC' || 'Z' as now",
  );
  return (row?.now ?? "").replace(" ", "T");
}

/** Where new versions of rows go: the last page has room. */
const last = 21;
const of = (...ranges: [number, number | null][]) => ({ ranges, isOpen: false });

test("pages that either side has changed since the fork, and no other", async () => {
  const branch = await project.branch(`pages-${count}`, main);
  expect(await itemsOf(branch)).toEqual(of());
  await change(branch, 1);
  expect(await itemsOf(branch)).toEqual(of([0, 1], [last, last + 1]));
});

test("a transaction that was open at the fork, or prepared", async () => {
  const preparing = { settings: { pg_settings: { max_prepared_transactions: "5" } } };
  const own = await project.branch(`open-${count}`, main, { endpoint: preparing });
  // Its first start may have been before it had an endpoint.
  await project.suspend(own);
  const writer = new pg.Client(own.uri);
  writer.on("error", () => {});
  await writer.connect();
  await writer.query("begin; update items set n = 1 where id = 7");
  const branch = await project.branch(`beside-open-${count}`, own);
  await writer.query("commit");
  await writer.end();
  expect(await itemsOf(branch, own)).toMatchObject({ isOpen: true });

  await sql(own.uri, "begin; update items set n = 2 where id = 7; prepare transaction 'p'");
  const running = await project.branch(`beside-prepared-${count}`, own);
  expect(await itemsOf(running, own)).toMatchObject({ isOpen: true });
  await project.suspend(own);
  const sleeping = await project.branch(`beside-sleeping-${count}`, own);
  expect(await itemsOf(sleeping, own)).toBe("OPEN_TRANSACTIONS");
});

test("each hop has its own position", async () => {
  const child = await project.branch(`child-${count}`, main);
  await change(child, 300);
  await project.suspend(child);
  const grandchild = await project.branch(`grandchild-${count}`, child);
  expect(await itemsOf(grandchild, child)).toEqual(of());
  await change(grandchild, 1);
  const ofGrandchild = await itemsOf(grandchild, child);
  expect(ofGrandchild).toEqual(of([0, 1], [last, last + 1]));
  // Also what the branch between them had changed before.
  expect(await itemsOf(grandchild, main)).toEqual(of([0, 2], [last, last + 1]));
  await project.restore(child, main, `kept-child-${count}`);
  expect(await itemsOf(child, main)).toEqual(of());
  // The log of what the child was is gone, and the grandchild's has all that is needed.
  expect(await itemsOf(grandchild, main)).toEqual(of([0, 2], [last, last + 1]));
  expect(await itemsOf(grandchild, child)).toEqual(of([0, 2], [last, last + 1]));
});

test("a parent that was set aside by a restore keeps its children", async () => {
  const child = await project.branch(`moved-${count}`, main);
  await change(main, 1);
  const moment = await momentOf(main);
  await change(main, 4000);
  const path = `/branches/${main.id}/restore`;
  const kept = `kept-${count}`;
  const source = { source_branch_id: main.id, source_timestamp: moment, preserve_under_name: kept };
  await project.call(200, "POST", path, source);
  expect(await itemsOf(child, main)).toEqual(of([0, 1], [last, last + 1]));
  const preserved = (await project.list()).find(({ name }) => name === kept);
  expect(preserved).toBeDefined();
  expect(await itemsOf(main, { ...main, id: preserved?.id ?? "" })).toMatchObject({
    isOpen: false,
  });
});

test("a branch of the past, beside its present", async () => {
  // A summary tells of all from one checkpoint to the next.
  await project.branch(`checkpoint-${count}`, main);
  const writer = new pg.Client(main.uri);
  writer.on("error", () => {});
  await writer.connect();
  const moment = await momentOf(main);
  await change(main, 300);
  const past = await project.branch(`past-${count}`, main, {
    branch: { parent_timestamp: moment },
  });
  expect(await itemsOf(main, past)).toMatchObject({
    ranges: expect.arrayContaining([[last, last + 1]]),
  });
  await writer.query("begin; update items set n = 1 where id = 7");
  const then = await momentOf(main);
  await writer.query("commit");
  await writer.end();
  const at = { branch: { parent_timestamp: then } };
  const open = await project.branch(`past-open-${count}`, main, at);
  // Page 0 is in it, though it has not changed since then.
  expect(await itemsOf(main, open)).toEqual(of([0, 1], [last, last + 1]));
});

test("a table that was cut off or made anew", async () => {
  const branch = await project.branch(`cut-${count}`, main);
  await sql(branch.uri, "delete from items where id > 500; ");
  await sql(branch.uri, "vacuum items");
  expect(await itemsOf(branch)).toMatchObject({
    ranges: expect.arrayContaining([[expect.any(Number), null]]),
  });
  await sql(branch.uri, "truncate items");
  expect(await itemsOf(branch)).toEqual(of([0, null]));
});

test("what cannot be known", async () => {
  const other = await project.branch(`schema-${count}`, main, {
    branch: { init_source: "schema-only" },
  });
  expect(await pages(other)).toEqual({ unknown: "NO_COMMON_HISTORY" });
});

test("a snapshot that a branch was restored from", async () => {
  const { snapshot } = await project.call<{ snapshot: { id: string } }>(
    200,
    "POST",
    `/branches/${main.id}/snapshot`,
    {},
  );
  await change(main, 1);
  const made = await project.call<{ branch: { id: string; name: string } }>(
    200,
    "POST",
    `/snapshots/${snapshot.id}/restore`,
    { name: `of-snapshot-${count}` },
  );
  const branch = { ...main, ...made.branch, uri: "" };
  const restored = { ...branch, uri: main.uri };
  expect(await itemsOf(restored, main)).toEqual(of([0, 1], [last, last + 1]));
});
