import { expect, test } from "vitest";
import type { Loss } from "./destruction.ts";
import type { LoggedTransaction } from "./log-summary.ts";
import {
  beginOfSeries,
  type CatalogBefore,
  changesAllRows,
  destructivePart,
  lossesOf,
  perhapsRewritten,
} from "./losses.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();

const transaction = (fields: Partial<LoggedTransaction> = {}): LoggedTransaction => ({
  xid: "7",
  xids: ["7"],
  at: at(0),
  beginLsn: "0/1",
  lsn: "0/2",
  commitLsn: "0/3",
  files: [],
  relations: [],
  columns: [],
  schemas: [],
  databases: [],
  definitions: [],
  rows: new Map(),
  ...fields,
});

const table = (number: number, rows: number) => ({
  before: {
    id: `5/${number}`,
    file: `5/${number}0`,
    database: "shop",
    schema: "public",
    table: `t${number}`,
  },
  count: { rows },
});

const tables = [table(1, 3), table(2, 0), table(3, 1)];

const before: CatalogBefore = {
  databases: new Map([
    ["5", "shop"],
    ["6", "other"],
  ]),
  tables: tables.map((each) => each.before),
  relations: new Set(["5/1", "5/11"]),
  schemas: new Map([["5 (0,8)", "sales"]]),
  columns: new Map([["5 (3,2)", { table: "5/1", column: "label" }]]),
  counts: new Map(tables.map((each) => [each.before.id, each.count])),
};

const changed = (file: string, deleted: number, updated: number) =>
  new Map([[file, { inserted: 0, deleted, updated, grownBefore: 0 }]]);

const t1 = { database: "shop", schema: "public", table: "t1", rows: 3 };

test.each<[string, Partial<LoggedTransaction>, object[]]>([
  ["nothing", {}, []],
  ["an index dropped", { files: ["5/999"], relations: ["5/11"] }, []],
  ["a table dropped", { files: ["5/10"], relations: ["5/1"] }, [{ kind: "table-dropped", ...t1 }]],
  ["a table truncated", { files: ["5/10"] }, [{ kind: "table-truncated", ...t1 }]],
  ["an empty one truncated", { files: ["5/20"] }, []],
  ["another database's file", { files: ["6/10"] }, []],
  ["all rows deleted", { rows: changed("5/10", 3, 0) }, [{ kind: "all-rows-deleted", ...t1 }]],
  ["some rows deleted", { rows: changed("5/10", 2, 0) }, []],
  ["all rows updated", { rows: changed("5/10", 0, 3) }, [{ kind: "all-rows-updated", ...t1 }]],
  ["the only row deleted", { rows: changed("5/30", 1, 0) }, []],
  [
    "a schema",
    { schemas: [{ database: "5", place: "(0,8)" }] },
    [{ kind: "schema-dropped", database: "shop", schema: "sales" }],
  ],
  [
    "a column",
    { columns: [{ database: "5", place: "(3,2)" }] },
    [{ kind: "column-dropped", ...t1, column: "label" }],
  ],
  [
    "a column of a table that is dropped as well",
    { relations: ["5/1"], columns: [{ database: "5", place: "(3,2)" }] },
    [{ kind: "table-dropped", ...t1 }],
  ],
  ["a constraint", { definitions: ["5"] }, [{ kind: "definitions-dropped", database: "shop" }]],
  ["a database", { databases: ["6"] }, [{ kind: "database-dropped", database: "other" }]],
  ["a database that was not there before", { databases: ["7"] }, []],
])("%s", (_, fields, losses) => {
  expect(lossesOf(transaction(fields), before, new Set())).toEqual(losses);
});

test("a table whose rows are in another file is perhaps rewritten only where the transaction made relations of its own", () => {
  expect(perhapsRewritten(transaction({ files: ["5/10"] }), before).tables).toEqual([]);
  const vacuum = transaction({ files: ["5/10"], relations: ["5/77"] });
  expect(perhapsRewritten(vacuum, before)).toEqual({
    tables: [tables[0]?.before],
    made: ["5/77"],
  });
  expect(lossesOf(vacuum, before, new Set(["5/1"]))).toEqual([]);
});

test.each([
  ["as many as there are now", 3, 5, 5, true],
  ["fewer", 2, 5, 5, false],
  ["as many as there were before others came", 3, 9, 15, true],
  ["nobody knows how many there are", 3, null, 5, false],
])("rows changed: %s", (_, deleted, rows, grown, expected) => {
  const logged = transaction({
    rows: new Map([["5/10", { inserted: 0, updated: 0, deleted, grownBefore: 3 }]]),
  });
  expect(changesAllRows(logged, new Map([["5/10", { rows, grown }]]))).toBe(expected);
});

test("what drops definitions alone belongs to the destruction that it comes before, and is none", () => {
  const told = (...kinds: string[]) => ({ losses: kinds.map((kind) => ({ kind })) as Loss[] });
  const prelude = told("definitions-dropped");
  const drop = told("table-dropped");
  expect(destructivePart([prelude, told(), prelude])).toEqual([]);
  expect(destructivePart([told(), prelude, drop, prelude, drop, prelude, told()])).toEqual([
    prelude,
    drop,
    prelude,
    drop,
  ]);
});

test("a series ends where nothing was destroyed for a while", () => {
  const log = [0, 30, 35, 38, 44].map((second) => transaction({ at: at(second) }));
  expect(beginOfSeries(log, 4, () => true)).toBe(1);
  expect(beginOfSeries(log, 0, () => true)).toBe(0);
  // What is between them and harmless neither ends nor begins one.
  expect(beginOfSeries(log, 4, ({ at: moment }) => moment !== at(38) && moment !== at(30))).toBe(2);
});
