// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { longRun } from "../../../scripts/test-support/needs.ts";
import { type Mask, mask } from "../../src/config/define/masks.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { quoteLiteral } from "../../src/postgres/quote.ts";
import { maskedColumn } from "../../src/refresh/masks/masks.ts";
import { columnType } from "../../src/refresh/model/column-type.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

let server: PostgresServer;
let client: Client;
beforeAll(async () => {
  server = await startPostgres();
  client = await connectPostgres(await server.createDatabase(), { what: "the test server" });
  await client.query(
    `create type mood as enum ('sad', 'ok'); create domain mail as text check (value like '%@%')`,
  );
  await withKey("0123456789abcdef");
});
afterAll(async () => {
  await client.end();
  await server.stop();
});

const withKey = (key: string) => client.query("select set_config('ds.mask_key', $1, false)", [key]);
const types = { enums: { mood: ["sad", "ok"] }, domains: { mail: "text" } };

function sqlOf(rule: Mask, type: string, value = "t.x", unique = false): string {
  const made = maskedColumn(rule, {
    value,
    target: type,
    type: columnType(type, types),
    notNull: false,
    unique,
    labels: types.enums[type as "mood"],
  });
  if ("misfit" in made) throw new Error(JSON.stringify(made.misfit));
  return made.sql;
}

/** The mask of each value, in order; values are given as text. */
async function masked(rule: Mask, type: string, values: (string | null)[]): Promise<unknown[]> {
  const rows = values.map(
    (value, n) => `(${value === null ? "null" : quoteLiteral(value)}::${type}, ${n})`,
  );
  const { rows: found } = await client.query(
    `select pg_typeof(m)::text as type, m from (select ${sqlOf(rule, type)} as m, t.n from (values ${rows.join(", ")}) t(x, n)) s order by n`,
  );
  const expected = type.replace(/\(.*\)/, "");
  for (const { type: got } of found) expect(got).toBe(expected);
  return found.map(({ m }) => m);
}

describe("shapes", () => {
  test.each<[Mask, string, string, RegExp]>([
    [mask.email(), "text", "bob@shop.org", /^[a-z]{3,6}\.[0-9a-f]{12}@example\.com$/],
    [mask.email(), "character varying(30)", "bob@shop.org", /^[0-9a-f]{12}@example\.com$/],
    [mask.email(), "character varying(20)", "bob@shop.org", /^[0-9a-f]{12}$/],
    [mask.email(), "character varying(5)", "b@c.d", /^[0-9a-f]{5}$/],
    [mask.email(), "mail", "bob@shop.org", /@example\.com$/],
    [mask.phone(), "text", "+1 555 0100", /^\+0\d{14}$/],
    [mask.phone(), "character varying(12)", "+1 555 0100", /^\+0\d{10}$/],
    [mask.url(), "text", "http://x", /^https:\/\/example\.com\/[0-9a-f]{12}$/],
    [mask.token(), "text", "078-05-1120", /^[0-9a-f]{12}$/],
    [mask.token(), "bigint", "491701234000", /^[1-9]\d{9,13}$/],
    [mask.token(), "integer", "78051120", /^[1-9]\d{4,9}$/],
    [mask.token(), "smallint", "4321", /^[1-9]\d{0,4}$/],
    [mask.token(), "numeric(8,2)", "5.25", /^[1-9]\.\d\d$/],
    [mask.token(), "numeric", "5.25", /^[1-9]\d{13}$/],
    [mask.token(), "real", "5.25", /^[1-9]/],
    [mask.token(), "inet", "203.0.113.7", /^2001:db8:/],
    [mask.token(), "cidr", "203.0.113.0/24", /^2001:db8:/],
    [mask.token(), "macaddr", "00:1b:63:84:45:e6", /^.[26ae](:[0-9a-f]{2}){5}$/],
    [mask.token(), "macaddr8", "00:1b:63:84:45:e6:01:02", /^.[26ae](:[0-9a-f]{2}){7}$/],
    [mask.code(), "text", "AB-12 x9", /^[A-Z]{2}-\d\d [a-z]\d$/],
    [mask.code(), "character(1)", "M", /^[A-Z]$/],
    [mask.code(), "text", "Łódź 東京!", /^\P{ASCII}{2}[a-z]\P{ASCII} \P{ASCII}{2}!$/u],
    [mask.code(), "integer", "4321", /^-?[1-9]\d{3}$/],
    [mask.code(), "bigint", "-9223372036854775808", /^-\d{19}$/],
    [mask.code(), "numeric(6,2)", "17.20", /^\d\d\.\d\d$/],
    [mask.code(), "bytea", "\\x0102030405", /^.{5}$/s],
    [mask.ip(), "cidr", "203.0.113.0/24", /^10\.\d+\.\d+\.\d+\/32$/],
    [mask.dictionary(["ok", "sad"], { unique: true }), "mood", "sad", /^ok$/],
    [mask.uuid(), "uuid", "c0ffee00-0000-4000-8000-000000000000", /^.{8}-.{4}-4.{3}-8/],
    [mask.uuid(), "text", "c0ffee00", /^.{8}-.{4}-4.{3}-8/],
    [mask.ip(), "inet", "203.0.113.7", /^10\.\d+\.\d+\.\d+$/],
    [mask.ip(), "inet", "2a00:1450::7", /^2001:db8:/],
    [mask.ip(), "text", "2a00:1450::7", /^2001:db8(:[0-9a-f]{4}){6}$/],
    [mask.ip(), "character varying(15)", "203.0.113.7", /^10\.\d+\.\d+\.\d+$/],
    [mask.name(), "text", "Bob Miller", /^[A-Z][a-z]+ [A-Z][a-z]+$/],
    [mask.name({ part: "first" }), "character varying(6)", "Bob", /^[A-Z][a-z]+$/],
    [mask.name({ part: "last" }), "text", "Miller", /^[A-Z][a-z]+$/],
    [mask.name({ part: "company" }), "text", "Miller Inc", /^[A-Z][a-z]+ [A-Z][a-z]+$/],
    [mask.text({ unique: true }), "text", "a text of some length", /^[0-9a-f]{12} [a-z ]{0,8}$/],
    [mask.text({ unique: true }), "text", "x", /^[0-9a-f]{12}$/],
    [mask.constant("x'y\\"), "text", "a", /^x'y\\$/],
    [mask.constant(7), "integer", "1", /^7$/],
    [mask.constant("ok"), "mood", "sad", /^ok$/],
    [mask.constant("secret"), "jsonb", "{}", /^secret$/],
    [mask.dictionary(["red", "blue"]), "text", "a", /^(red|blue)$/],
    [mask.sql("left({value}, 2) || '000'"), "text", "90210", /^90000$/],
  ])("%j on %s: %s", async (rule, type, value, shape) => {
    const [first, again, nothing] = await masked(rule, type, [value, value, null]);
    expect(String(first)).toMatch(shape);
    expect(String(first)).not.toContain(value === "x" ? "\u0000" : value);
    expect(again).toEqual(first);
    expect(nothing).toBeNull();
  });

  test("text keeps its length, also a long one, one of other scripts, and what fits a column", async () => {
    const values = [
      "",
      "a",
      "Grüße, 東京!",
      "x".repeat(700),
      "z".repeat(2001),
      "y".repeat(100_000),
      "word ".repeat(40),
    ];
    const texts = (await masked(mask.text(), "text", values)) as string[];
    expect(texts.map((text) => text.length)).toEqual(values.map((value) => value.length));
    for (const text of texts) expect(text).toMatch(/^[a-z ]*$/);
    const lengths = [..."abcdefghijklmnop"].map((c, n) => c.repeat(1990 + n));
    const longer = (await masked(mask.text(), "text", lengths)) as string[];
    expect(longer.map((text) => text.length)).toEqual(lengths.map((value) => value.length));
    expect((await masked(mask.text(), "character(4)", ["ab"]))[0]).toMatch(/^[a-z ]{2} {2}$/);
  });

  test("dates move by up to so many days, and never stay", async () => {
    const { rows } = await client.query(
      `select min(abs(m - x)) as least, max(abs(m - x)) as most, count(distinct m - x)::int as ways
       from (select x, ${sqlOf(mask.date({ days: 5 }), "date")} as m
         from (select '2000-01-01'::date + n as x from generate_series(1, 2000) n) t) s`,
    );
    expect(rows).toEqual([{ least: 1, most: 5, ways: 10 }]);
    expect(await masked(mask.date(), "date", ["infinity"])).toEqual([Number.POSITIVE_INFINITY]);
    const [time] = await masked(mask.date({ days: 1 }), "timestamp with time zone", [
      "2000-03-01 10:00Z",
    ]);
    expect(["2000-02-29T10:00:00.000Z", "2000-03-02T10:00:00.000Z"]).toContain(
      (time as Date).toISOString(),
    );
  });

  test("numbers change by up to so many percent, within their type", async () => {
    const { rows } = await client.query(
      `select min(abs(m - x)) as least, max(abs(m - x)) as most
       from (select x, ${sqlOf(mask.number({ percent: 10 }), "integer")} as m
         from (select 100000 + n * 0 + n % 7 as x, n from generate_series(1, 500) n) t) s`,
    );
    expect(rows[0].least).toBeGreaterThanOrEqual(1000);
    expect(rows[0].most).toBeLessThanOrEqual(10_001);
    const cases: [string, string[]][] = [
      ["smallint", ["32767", "-32768", "0"]],
      ["bigint", ["9223372036854775807"]],
      ["numeric(4,2)", ["99.99"]],
      ["numeric", ["12.340", "NaN", "Infinity"]],
      ["double precision", ["1.5", "NaN", "Infinity"]],
    ];
    for (const [type, values] of cases) await masked(mask.number({ percent: 50 }), type, values);
  });

  test("arrays are masked by element", async () => {
    const [two, empty, nothing] = await masked(mask.email(), "text[]", [
      "{a@b.c,d@e.f,NULL}",
      "{}",
      null,
    ]);
    const single = await masked(mask.email(), "text", ["a@b.c", "d@e.f"]);
    expect(two).toEqual([...single, null]);
    expect([empty, nothing]).toEqual([[], null]);
  });
});

describe("json", () => {
  const inside = async (rule: Mask, value: unknown) =>
    (await masked(rule, "jsonb", [JSON.stringify(value)]))[0] as never;

  test("by path, with the mask that a column would have", async () => {
    const [email] = await masked(mask.email(), "text", ["a@b.c"]);
    const rule = mask.json(
      {
        "contact.email": mask.email(),
        "contact.id": mask.keep(),
        "lines[].by": mask.email(),
        "labels.*": mask.constant("x"),
        "labels.fixed": mask.keep(),
        age: mask.number(),
        ssn: mask.token(),
        gone: mask.null(),
      },
      { others: "keep" },
    );
    const value = {
      contact: { email: "a@b.c", id: "K1", more: "m" },
      lines: [{ by: "a@b.c", n: 1 }, { by: null }, "loose"],
      labels: { fixed: "F", one: "1", two: 2 },
      age: 1000,
      ssn: 123,
      gone: "g",
      other: { deep: ["d"] },
    };
    const result = await inside(rule, value);
    expect(result).toMatchObject({
      contact: { email, id: "K1", more: "m" },
      lines: [{ by: email, n: 1 }, { by: null }, "loose"],
      labels: { fixed: "F", one: "x", two: "x" },
      gone: null,
      other: { deep: ["d"] },
    });
    expect(String((result as { age: number }).age)).toMatch(/^(9\d\d|1[01]\d\d)$/);
    const [ssn] = await masked(mask.token(), "integer", ["123"]);
    expect(result).toMatchObject({ ssn });
  });

  test("what no path names: other words in every string, however deep, and keys stay", async () => {
    const value = {
      id: 5,
      'k"e: y': 'a "quoted": \\ text',
      list: ["Bob", ["Miller", { deep: "x@y.z", on: true, none: null }]],
      empty: "",
      name: "Ann",
    };
    const result = (await inside(mask.json({ name: mask.keep() }), value)) as typeof value;
    const shape = (of: unknown): unknown =>
      typeof of === "string"
        ? of.length
        : Array.isArray(of)
          ? of.map(shape)
          : of && typeof of === "object"
            ? Object.fromEntries(Object.entries(of).map(([key, item]) => [key, shape(item)]))
            : of;
    expect(shape(result)).toEqual(shape(value));
    expect(result.name).toBe("Ann");
    expect(JSON.stringify(result)).not.toMatch(/Bob|Miller|x@y|quoted/);
  });

  test.each([
    ["drop", { a: "x", b: { c: "y", d: 1 } }, { a: "x", b: { c: "y" } }],
    ["keep", { a: "x", b: { c: "y", d: 1 } }, { a: "x", b: { c: "y", d: 1 } }],
    ["drop", "scalar", null],
    ["drop", [1], null],
    ["keep", [1], [1]],
  ] as const)("others: %s", async (others, value, expected) => {
    const rule = mask.json({ a: mask.keep(), "b.c": mask.keep() }, { others });
    expect(await inside(rule, value)).toEqual(expected);
  });

  test.each(["mask", "keep", "drop"] as const)(
    "others: %s: what is not there stays away, null stays null, and no kind of value is let through",
    async (others) => {
      const paths = { "who.name": mask.name(), "who.email": mask.email(), code: mask.token() };
      const rule = mask.json({ ...paths, title: mask.keep() }, { others });
      const name = expect.stringMatching(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
      const email = expect.stringMatching(/@example\.com$/);
      const code = expect.stringMatching(/^[0-9a-f]{12}$/);
      const rest =
        others === "drop" ? {} : { note: others === "keep" ? "Bob" : expect.any(String) };
      const who = { name: "Bob", email: "bob@shop.org" };
      const bob = /Bob|bob@/;
      for (const [value, expected] of [
        [
          { who, title: "T" },
          { who: { name, email }, title: "T" },
        ],
        [{ who: { name: "Bob" } }, { who: { name } }],
        [
          { who: {}, code: null },
          { who: {}, code: null },
        ],
        [{ who: { name: null, email: "bob@shop.org" } }, { who: { name: null, email } }],
        [{ who: { ...who, note: "Bob" } }, { who: { name, email, ...rest } }],
        [
          { code: "Bob", note: "Bob" },
          { code, ...rest },
        ],
        [{ code: { deep: "Bob" } }, { code }],
        [{}, {}],
      ] as const) {
        const result = await inside(rule, value);
        expect(result).toEqual(expected);
        if (others !== "keep") expect(JSON.stringify(result)).not.toMatch(bob);
      }
      for (const odd of ["Bob", ["Bob", "Bob"], 5]) {
        const result: unknown = await inside(rule, { who: odd, title: "T" });
        const left = others === "keep" ? odd : others === "drop" ? null : expect.anything();
        expect(result).toEqual({ who: left, title: "T" });
        if (others !== "keep") expect(JSON.stringify(result)).not.toMatch(bob);
      }
    },
  );

  describe("keys that are addresses", () => {
    type Masked = { people: [Record<string, unknown>]; labels: object };
    const kinds: [Mask, string[]][] = [
      [mask.email(), ["alice@realmail.org", "Alice <alice@realmail.org>", 'a@b.c\\"d', "é@ü.de"]],
      [
        mask.phone(),
        ["+49 30 1234567", "+14155550100", "(030) 123-4567", "030/1234567", "4915112345678"],
      ],
      [mask.ip(), ["203.0.113.9", "2a00:1450::7", "::1", "fe80::", "1:2:3:4:5:6:7:8"]],
    ];

    test.each(kinds)(
      "%j: as the value would be, at any depth and below a path",
      async (rule, keys) => {
        const masks = (await masked(rule, "text", keys)) as string[];
        const object = (of: string[], value: unknown) =>
          Object.fromEntries(of.map((key) => [key, value]));
        const keysOf = (of: unknown) => Object.keys(of as object).sort();
        const value = { people: [object(keys, { on: true })], labels: object(keys, 1) };
        const all = (await inside(mask.json(), value)) as Masked;
        expect(keysOf(all.people[0])).toEqual([...masks].sort());
        expect(all.people[0][masks[0] ?? ""]).toEqual({ on: true });
        const paths = mask.json({ "labels.*": mask.keep(), "people[].*.on": mask.keep() });
        const named = (await inside(paths, value)) as Masked;
        expect(keysOf(named.labels)).toEqual([...masks].sort());
        expect(named).toMatchObject({ people: all.people });
      },
    );

    test("others stay", async () => {
      const keys = [
        "@type",
        "key_1",
        "a: b",
        "2024-01-31",
        "31.01.2024",
        "12:30:00",
        "v1.2.3",
        "1700000",
      ];
      keys.push(
        "0.1234567",
        "user@home",
        'k"1',
        "",
        "c56a4180-65aa-42ec-a945-5fd21dec0538",
        "Straße 12",
      );
      const value = Object.fromEntries(keys.map((key) => [key, 1]));
      expect(await inside(mask.json(), value)).toEqual(value);
      expect(await inside(mask.json({ "*": mask.keep() }), value)).toEqual(value);
    });

    test("what is kept on purpose is kept with its keys", async () => {
      const value = { by: { "a@b.cd": 1 }, "e@f.gh": { "i@j.kl": 2 } };
      const rule = mask.json({ by: mask.keep() }, { others: "keep" });
      expect(await inside(rule, value)).toEqual(value);
    });
  });

  describe("numbers whose key says that they are a person's", () => {
    test.each([
      ["homePhone", 4930123456],
      ["ssn", 78051120],
      ["tax_id", -12],
      ["date_of_birth", 19840517],
      ['phone "2"', 4930123456],
      ["phone:home,2", 4930123456],
    ])("%s: the mask of a token, wherever it is", async (key, number) => {
      const value = {
        a: [{ [key]: number, n: 1 }, 5],
        [key]: [number, number],
        b: { [key]: number },
      };
      const [expected] = await masked(mask.token(), "bigint", [String(number)]);
      const other = Number(expected);
      expect(other).not.toBe(number);
      expect(await inside(mask.json(), value)).toEqual({
        a: [{ [key]: other, n: 1 }, 5],
        [key]: [other, other],
        b: { [key]: other },
      });
    });

    test.each(["phones_count", "phone_type", "total", "created_at", "tinted", "iphones"])(
      "%s is none",
      async (key) => {
        const value = { [key]: 4930123456, list: [1.5, -2e10, { [key]: [3] }] };
        expect(await inside(mask.json(), value)).toEqual(value);
      },
    );

    test("a decimal number becomes another number", async () => {
      const result = (await inside(mask.json(), { lat: 52.520008, x: 1.5 })) as { lat: number };
      expect(result).toEqual({ lat: expect.any(Number), x: 1.5 });
      expect(result.lat).not.toBe(52.520008);
    });
  });

  test("a column of type json, and no value at all", async () => {
    expect(await masked(mask.json(), "json", ['{"a": 1}', null])).toEqual([{ a: 1 }, null]);
  });
});

describe("the secret", () => {
  test("another one gives other masks; none at all gives an error", async () => {
    const values = ["a@b.c", "d@e.f"];
    const before = await masked(mask.email(), "text", values);
    await withKey("another secret!!");
    const after = await masked(mask.email(), "text", values);
    await withKey("0123456789abcdef");
    expect(after.filter((email) => before.includes(email))).toEqual([]);
    expect(await masked(mask.email(), "text", values)).toEqual(before);
    const other = await connectPostgres(await server.createDatabase(), { what: "the test server" });
    await expect(other.query(`select ${sqlOf(mask.email(), "text", "'a'")}`)).rejects.toThrow(
      /ds\.mask_key/,
    );
    await other.end();
  });
});

describe("exchanged among each other: however few there can be, different ones stay different, and none stays", () => {
  const numbers = (from: string, to: string) =>
    `select n as x from generate_series(${from}, ${to}) n`;
  test.each<[Mask, string, string]>([
    [mask.token(), "smallint", numbers("1", "9000")],
    [mask.token(), "smallint", numbers("-32768", "-26000")],
    [mask.token(), "integer", numbers("32000", "38000")],
    [mask.token(), "integer", numbers("2147477648", "2147483647")],
    [mask.token(), "bigint", numbers("2147480648", "2147486648")],
    [mask.token(), "bigint", numbers("9223372036854772807", "9223372036854775807")],
    [mask.code(), "integer", numbers("1", "12000")],
    [mask.code(), "integer", numbers("2147477648", "2147483647")],
    [mask.code(), "bigint", numbers("-9223372036854775808", "-9223372036854772808")],
    [mask.token(), "numeric(5,3)", `select n / 1000.0 as x from generate_series(1, 9999) n`],
    [mask.code(), "character varying(3)", `select x::text from generate_series(0, 999) x`],
    [
      mask.code(),
      "character(2)",
      "select chr(65 + a) || chr(97 + b) as x from generate_series(0, 25) a, generate_series(0, 25) b",
    ],
    [mask.code(), "text", "select chr(n) as x from generate_series(192, 2000) n"],
    [mask.code(), "text", "select lpad(to_hex(n), 5, '0') as x from generate_series(0, 3999) n"],
    [
      mask.date({ days: 1, unique: true }),
      "date",
      `select date '1800-01-01' + n as x from generate_series(0, 9999) n`,
    ],
    [
      mask.date({ unique: true }),
      "timestamp with time zone",
      `select timestamptz '1800-01-01 10:00Z' + n * interval '1 day' as x from generate_series(0, 9999) n`,
    ],
    [
      mask.dictionary(["sad", "ok"], { unique: true }),
      "mood",
      "select unnest(enum_range(null::mood)) as x",
    ],
  ])("%j on %s: %s", async (rule, type, values) => {
    const { rows } = await client.query(
      `select count(distinct m) = count(distinct x) as different, count(*) filter (where m = x)::int as same, count(m) > 1 as found
       from (select x, ${sqlOf(rule, type, "t.x")} as m from (select x::${type} from (${values}) v) t) s`,
    );
    expect(rows).toEqual([{ different: true, same: 0, found: true }]);
  });

  test("also where upper and lower case count as one", async () => {
    const { rows } = await client.query(
      `select count(distinct lower(m))::int as different from (select ${sqlOf(mask.code(), "text")} as m
       from (select case when n % 2 = 0 then upper(x) else x end as x from (select chr(97 + n % 26) || chr(97 + n / 26) as x, n from generate_series(0, 675) n) v) t) s`,
    );
    expect(rows).toEqual([{ different: 676 }]);
  });

  test("a number is exchanged alike in every type of whole numbers", async () => {
    for (const rule of [mask.token(), mask.code()]) {
      for (const value of ["7", "-300", "32767", "40000", "2147483647"]) {
        const types = ["smallint", "integer", "bigint"].slice(value.length > 4 ? 1 : 0);
        const found: unknown[][] = [];
        for (const type of types) found.push(await masked(rule, type, [value]));
        expect(new Set(found.map(String)).size).toBe(1);
      }
    }
  });

  test("dates that are exchanged move by so many days at most, and endless ones stay", async () => {
    const { rows } = await client.query(
      `select max(abs(m - x)) as most from (select x, ${sqlOf(mask.date({ days: 9, unique: true }), "date")} as m
       from (select date '1999-01-01' + n as x from generate_series(0, 999) n) t) s`,
    );
    expect(rows).toEqual([{ most: 9 }]);
    const endless = await masked(mask.date({ unique: true }), "date", ["infinity"]);
    expect(endless).toEqual([Number.POSITIVE_INFINITY]);
  });
});

describe("unique columns stay unique", () => {
  const rows = longRun.find() ? 3_000_000 : 20_000;
  test.each([
    [mask.email(), "text"],
    [mask.email(), "character varying(12)"],
    [mask.phone(), "text"],
    [mask.url(), "text"],
    [mask.uuid(), "uuid"],
    [mask.token(), "text"],
    [mask.token(), "bigint"],
    [mask.text({ unique: true }), "text"],
  ])(
    `%j on %s, ${rows} values`,
    async (rule, type) => {
      const value =
        type === "uuid" ? "md5(n::text)::uuid" : type === "bigint" ? "n" : "'p' || n || '@x.org'";
      const { rows: found } = await client.query(
        `select count(distinct m)::int as count from (select ${sqlOf(rule, type, "t.x", true)} as m
       from (select (${value})::${type} as x from generate_series(1, ${rows}) n) t) s`,
      );
      expect(found).toEqual([{ count: rows }]);
    },
    limits.longTest,
  );
});
