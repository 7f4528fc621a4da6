import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { compareRows } from "../../../src/postgres/rows/io/compare.ts";
import type { AskPages } from "../../../src/postgres/rows/io/page-plans.ts";
import type { ComparedTable } from "../../../src/postgres/rows/shape.ts";
import { shownTable } from "../../../src/postgres/rows/shape.ts";
import { contentText, from, settings } from "../../../src/postgres/rows/sql.ts";
import { rowDocument } from "../../../src/postgres/rows/text.ts";
import { DsProject } from "../../helpers/ds-project.ts";
import { type EngineBranch, EngineBranches } from "./engine-branches.ts";
import { randomFrom } from "./random-changes.ts";
import { histories, makeHistory, tablesOfHistory } from "./random-histories.ts";

/** How many random histories; 500 with TEST_ROW_HISTORIES=500. From another seed on: TEST_ROW_HISTORIES_FROM. */
const seeds = Number(process.env.TEST_ROW_HISTORIES ?? 3);
const first = Number(process.env.TEST_ROW_HISTORIES_FROM ?? 1);

const project = new DsProject(`{ project: "shop" }`);
let branches: EngineBranches;
let main: EngineBranch;

beforeAll(async () => {
  ({ branches, main } = await EngineBranches.start(project));
});
afterAll(() => project.remove());

const connect = ({ url, name }: EngineBranch) => connectPostgres(url, { what: name });

async function withBoth<T>(
  sides: { base: EngineBranch; branch: EngineBranch },
  work: (clients: { base: Client; branch: Client }) => Promise<T>,
): Promise<T> {
  const [base, branch] = await Promise.all([connect(sides.base), connect(sides.branch)]);
  try {
    return await work({ base, branch });
  } finally {
    await Promise.all([base.end(), branch.end()]);
  }
}

async function compare(
  sides: { base: EngineBranch; branch: EngineBranch },
  changedPages: AskPages | undefined,
) {
  return withBoth(sides, async (clients) => {
    const rows: string[] = [];
    const { tables, leftOut, way } = await compareRows(clients, {
      isWanted: () => true,
      changedPages,
      onRow: (table, found) => {
        rows.push(JSON.stringify(rowDocument(table, found, { full: true })));
      },
      signal: new AbortController().signal,
    });
    const counts = tables.map(({ table, added, removed, changed }) => ({
      table: shownTable(table),
      added,
      removed,
      changed,
    }));
    return { tables, way, told: { counts, leftOut, rows: rows.sort() } };
  });
}

/** All rows of both sides, joined by their keys. */
async function joined(
  sides: { base: EngineBranch; branch: EngineBranch },
  tables: readonly ComparedTable[],
) {
  return withBoth(sides, async ({ base, branch }) => {
    await Promise.all([base.query(settings), branch.query(settings)]);
    const counts = [];
    for (const table of tables) {
      const key = table.key
        ? contentText({
            ...table,
            columns: table.key.map((name) => ({ name, type: "" })),
          })
        : contentText(table);
      const sql = `select ${key} as key, ${contentText(table)} as row ${from(table)}`;
      const read = async (client: Client) => {
        const { rows } = await client.query<{ key: string; row: string }>(sql);
        const byKey = new Map<string, string[]>();
        for (const { key: each, row } of rows) {
          const same = byKey.get(each);
          if (same) same.push(row);
          else byKey.set(each, [row]);
        }
        return byKey;
      };
      const [before, after] = await Promise.all([read(base), read(branch)]);
      const found = { table: shownTable(table), added: 0, removed: 0, changed: 0 };
      for (const each of new Set([...before.keys(), ...after.keys()])) {
        const [old, now] = [before.get(each) ?? [], after.get(each) ?? []];
        found.added += Math.max(0, now.length - old.length);
        found.removed += Math.max(0, old.length - now.length);
        if (old.length === 1 && now.length === 1 && old[0] !== now[0]) found.changed += 1;
      }
      counts.push(found);
    }
    return counts;
  });
}

const ways = { pages: 0, hashes: 0, read: 0, of: 0, whole: {} as Record<string, number> };

test("by changed pages, by hashes and by a join of all rows: the same", async () => {
  const root = await branches.branch(main);
  for (let seed = first; seed < first + seeds; seed += 1) {
    const random = randomFrom(seed);
    const start = await branches.branch(root);
    const client = await connect(start);
    await client.query(tablesOfHistory(random));
    await client.end();
    const kind = histories[seed % histories.length] as (typeof histories)[number];
    const sides = await makeHistory(kind, start, branches, random);
    const byPages = await compare(sides, branches.ask(sides.base, sides.branch));
    const byHashes = await compare(sides, undefined);
    const tables = byHashes.tables.map(({ table }) => table);
    const which = { seed, kind, way: byPages.way };
    expect({ ...which, told: byPages.told }).toEqual({ ...which, told: byHashes.told });
    const expected = await joined(sides, tables);
    expect({ ...which, counts: byPages.told.counts }).toEqual({ ...which, counts: expected });
    note(byPages.way);
    await branches.deleteAll(main, root);
  }
  console.log(JSON.stringify(ways));
});

function note(way: Awaited<ReturnType<typeof compare>>["way"]): void {
  ways[way.by] += 1;
  if (way.by === "hashes") {
    ways.whole[way.why] = (ways.whole[way.why] ?? 0) + 1;
    return;
  }
  ways.read += way.pagesRead;
  ways.of += way.pages;
  for (const { why } of way.whole) ways.whole[why] = (ways.whole[why] ?? 0) + 1;
}
