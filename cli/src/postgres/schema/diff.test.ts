// More than 300 lines: one table of cases, object by object.

import { describe, expect, test } from "vitest";
import { ansiStyle, noStyle } from "../../lib/terminal/style.ts";
import { type SchemaChange, schemaChanges } from "./diff.ts";
import { dumpEntries } from "./dump.ts";
import { countsText, patchText, schemaDiffText } from "./text.ts";

const preamble = `--
-- PostgreSQL database dump
--

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.3

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET row_security = off;
`;

/** An entry as pg_dump writes it. */
const entry = (type: string, name: string, sql: string, schema = "public", owner = "o") =>
  `\n--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: ${owner}\n--\n\n${sql}\n\n`;

const dump = (...entries: string[]) =>
  `${preamble}${entries.join("")}\n--\n-- PostgreSQL database dump complete\n--\n\n`;

const table = (name: string, ...elements: string[]) =>
  entry(
    "TABLE",
    name,
    `CREATE TABLE public.${name} (\n    ${elements.join(",\n    ")}\n);\n\n\nALTER TABLE public.${name} OWNER TO o;`,
  );

const lines = (changes: SchemaChange[]) =>
  changes.map(({ change, type, name, table: of, details }) =>
    [change, type, of ? `${of}/${name}` : name, ...details].join(" | "),
  );

const between = (before: string[], after: string[]) =>
  lines(schemaChanges(dump(...before), dump(...after)));

const users = table("users", "id integer NOT NULL", "name text");

describe("columns", () => {
  const column = (before: string, after: string) =>
    between([table("t", before, "z text")], [table("t", after, "z text")]);

  test.each([
    ["id integer", "id bigint", ["type integer → bigint"]],
    ["a text", "a text NOT NULL", ["now NOT NULL"]],
    ["a text NOT NULL", "a text", ["now nullable"]],
    ["a text", "a text DEFAULT 'x'::text", ["now DEFAULT 'x'::text"]],
    ["a text DEFAULT 'x'::text", "a text", ["no longer DEFAULT 'x'::text"]],
    ["a int DEFAULT 1", "a int DEFAULT 2 NOT NULL", ["DEFAULT 1 → 2", "now NOT NULL"]],
    ["a numeric(10,2)", "a character varying(20)", ["type numeric(10,2) → character varying(20)"]],
    ["a text", 'a text COLLATE public."de-DE"', ['now COLLATE public."de-DE"']],
    [
      "a text GENERATED ALWAYS AS (upper(b)) STORED",
      "a text GENERATED ALWAYS AS (lower(b)) STORED",
      ["GENERATED ALWAYS AS (upper(b)) STORED → ALWAYS AS (lower(b)) STORED"],
    ],
    ["a int CONSTRAINT x NOT NULL", "a int CONSTRAINT y NOT NULL", ["CONSTRAINT x → y"]],
    [
      "a timestamp with time zone DEFAULT now()",
      "a timestamp without time zone DEFAULT now()",
      ["type timestamp with time zone → timestamp without time zone"],
    ],
    [
      "a text DEFAULT 'it''s, (so) NOT NULL'::text",
      "a text DEFAULT E'a\\\\'', b'::text",
      ["DEFAULT 'it''s, (so) NOT NULL'::text → E'a\\\\'', b'::text"],
    ],
    [
      "a text[] DEFAULT ARRAY['a'::text, 'b'::text]",
      "a text[] DEFAULT ARRAY['a'::text]",
      ["DEFAULT ARRAY['a'::text, 'b'::text] → ARRAY['a'::text]"],
    ],
  ])("%s, then %s", (before, after, details) => {
    const name = before.split(" ")[0];
    expect(column(before, after)).toEqual([
      `changed | column | t/${name} | ${details.join(" | ")}`,
    ]);
  });

  test("added and removed, whatever their names", () => {
    const before = table("t", '"Größe, (cm)" integer', '"a ""b"" c" text');
    const after = table("t", '"a ""b"" c" text', "\"日本語\" text DEFAULT 'x'::text");
    expect(between([before], [after])).toEqual([
      "removed | column | t/Größe, (cm) | integer",
      "added | column | t/日本語 | text DEFAULT 'x'::text",
    ]);
  });

  test("in another order only", () => {
    const [before, after] = [table("t", "a text", "b text"), table("t", "b text", "a text")];
    expect(between([before], [after])).toEqual(["changed | table | t | order of columns b, a"]);
  });

  test("in another order is no difference where it is not asked for; other changes of the table are", () => {
    const [before, after] = [table("t", "a text", "b text"), table("t", "b text", "a text")];
    const changes = (...dumps: [string, string]) => schemaChanges(...dumps, { columnOrder: false });
    expect(changes(dump(before), dump(after))).toEqual([]);
    const given = dump(after).replace("Owner: o", "Owner: p").replace("OWNER TO o", "OWNER TO p");
    expect(changes(dump(before), given)).toMatchObject([
      { change: "changed", name: "t", details: ["owner o → p"] },
    ]);
  });

  test("a default that follows its sequence is the column's", () => {
    const statement =
      "ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('s'::regclass);";
    const serial = entry("DEFAULT", "users id", statement);
    expect(between([users], [users, serial])).toEqual([
      "changed | column | users/id | now DEFAULT nextval('s'::regclass)",
    ]);
  });
});

describe("objects", () => {
  const key = (name: string, sql: string, type = "CONSTRAINT") =>
    entry(
      type,
      `users ${name}`,
      `ALTER TABLE ONLY public.users\n    ADD CONSTRAINT ${name} ${sql};`,
    );
  const index = (name: string, sql: string) =>
    entry("INDEX", name, `CREATE ${sql.replace("INDEX", `INDEX ${name}`)};`);
  const fn = (body: string) =>
    entry(
      "FUNCTION",
      "touch()",
      `CREATE FUNCTION public.touch() RETURNS trigger\n    LANGUAGE plpgsql\n    AS $$${body}$$;`,
    );
  const kind = (labels: string) =>
    entry("TYPE", "status", `CREATE TYPE public.status AS ENUM (\n    ${labels}\n);`);

  test.each<[string, string[], string[], string[]]>([
    ["nothing", [users], [users], []],
    ["a table", [], [users], ["added | table | users | id integer NOT NULL, name text"]],
    [
      "a constraint between the columns",
      [table("t", "a int")],
      [table("t", "a int", "CONSTRAINT positive CHECK ((a > 0))")],
      ["added | constraint | t/positive | CHECK ((a > 0))"],
    ],
    [
      "a key",
      [users, key("users_pkey", "PRIMARY KEY (id)")],
      [users],
      ["removed | constraint | users/users_pkey | PRIMARY KEY (id)"],
    ],
    [
      "a foreign key",
      [users, key("f", "FOREIGN KEY (a) REFERENCES public.b(id)", "FK CONSTRAINT")],
      [
        users,
        key("f", "FOREIGN KEY (a) REFERENCES public.b(id) ON DELETE CASCADE", "FK CONSTRAINT"),
      ],
      [
        "changed | foreign key | users/f | - FOREIGN KEY (a) REFERENCES public.b(id) | + FOREIGN KEY (a) REFERENCES public.b(id) ON DELETE CASCADE",
      ],
    ],
    [
      "an index",
      [users, index("i", "INDEX ON public.users USING btree (a)")],
      [users, index("i", "UNIQUE INDEX ON public.users USING btree (a)")],
      ["changed | index | users/i | - USING btree (a) | + UNIQUE USING btree (a)"],
    ],
    [
      "an enum's value",
      [kind("'a',\n    'c'")],
      [kind("'a',\n    'b',\n    'c'")],
      ["changed | type | status | + 'b'"],
    ],
    [
      "a function whose body looks like a dump",
      [fn("\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: o\n--\n; a\n")],
      [fn("\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: o\n--\n; b\n")],
      ["changed | function | touch() | - ; a | + ; b"],
    ],
    [
      "a function of the SQL standard, with semicolons in its body",
      [],
      [
        entry(
          "FUNCTION",
          "f()",
          "CREATE FUNCTION public.f() RETURNS int\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT 1;\n SELECT 2;\nEND;",
        ),
      ],
      [
        "added | function | f() | CREATE FUNCTION public.f() RETURNS int\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT 1;\nSELECT 2;\nEND",
      ],
    ],
    [
      "an owner",
      [table("t", "a int")],
      [table("t", "a int").replaceAll("Owner: o", "Owner: p").replace("TO o;", "TO p;")],
      ["changed | table | t | owner o → p"],
    ],
    [
      "a table with a space in its name, and its trigger",
      [users, entry("TABLE", "users old", 'CREATE TABLE public."users old" (\n    a int\n);')],
      [
        users,
        entry("TABLE", "users old", 'CREATE TABLE public."users old" (\n    a int\n);'),
        entry(
          "TRIGGER",
          "users old t",
          'CREATE TRIGGER t BEFORE UPDATE ON public."users old" FOR EACH ROW EXECUTE FUNCTION public.x();',
        ),
      ],
      [
        'added | trigger | users old/t | CREATE TRIGGER t BEFORE UPDATE ON public."users old" FOR EACH ROW EXECUTE FUNCTION public.x()',
      ],
    ],
    [
      "what another schema holds, under its name",
      [],
      [entry("VIEW", "v", "CREATE VIEW billing.v AS\n SELECT 1;", "billing")],
      ["added | view | billing.v | CREATE VIEW billing.v AS\n SELECT 1"],
    ],
    [
      "a comment of several lines",
      [],
      [entry("COMMENT", "TABLE users", "COMMENT ON TABLE public.users IS 'a; --\n-- Name: b';")],
      ["added | comment | TABLE users | COMMENT ON TABLE public.users IS 'a; --\n-- Name: b'"],
    ],
    [
      "a kind that nobody has heard of",
      [],
      [entry("GIZMO", "g", "CREATE GIZMO public.g;")],
      ["added | gizmo | g | CREATE GIZMO public.g"],
    ],
    [
      "where a table is stored",
      [users],
      [
        entry("SCHEMA", "s", "CREATE SCHEMA s;\n\n\nSET default_tablespace = fast;", "-"),
        users,
        entry("SCHEMA", "r", "SET default_tablespace = '';\n\nCREATE SCHEMA r;", "-"),
      ],
      [
        "added | schema | r | CREATE SCHEMA r",
        "added | schema | s | CREATE SCHEMA s",
        "changed | table | users | + SET default_tablespace = fast",
      ],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(between(before, after)).toEqual(expected);
  });

  test("what is not introduced by a comment is told as text", () => {
    expect(lines(schemaChanges("", "CREATE TABLE odd (a int);"))).toEqual([
      "added | other statements |  | CREATE TABLE odd (a int)",
    ]);
    expect(schemaChanges("", dump())).toEqual([]);
    expect(dumpEntries(dump(users)).map(({ name }) => name)).toEqual(["users"]);
  });

  test("the other way round, added and removed change places", () => {
    const [before, after] = [dump(users), dump(users, kind("'a'"), fn("b"))];
    const swapped = schemaChanges(after, before).map((each) => ({ ...each, change: "added" }));
    expect(swapped).toEqual(schemaChanges(before, after));
  });
});

describe("text", () => {
  const before = dump(users, entry("SCHEMA", "s", "CREATE SCHEMA s;", "-"));
  const after = dump(
    table("users", "id bigint NOT NULL", "name text", "nick text"),
    entry("VIEW", "v", `CREATE VIEW public.v AS\n SELECT ${"a".repeat(200)};`),
  );
  const changes = schemaChanges(before, after);

  test("one line a change, in columns", () => {
    expect(schemaDiffText(changes, noStyle).split("\n")).toEqual([
      "- schema  s           CREATE SCHEMA s",
      "~ column  users.id    type integer → bigint",
      "+ column  users.nick  text",
      expect.stringMatching(/^\+ view {4}v {11}CREATE VIEW public\.v AS SELECT a+…$/),
    ]);
    expect(countsText(changes)).toBe("2 added, 1 removed, 1 changed");
  });

  test("details below, not too many of them", () => {
    const labels = Array.from({ length: 12 }, (_, n) => `'${n}'`).join(",\n    ");
    const kind = (values: string) =>
      entry("TYPE", "e", `CREATE TYPE public.e AS ENUM (\n    ${values}\n);`);
    const text = schemaDiffText(schemaChanges(dump(kind("")), dump(kind(labels))), noStyle);
    expect(text.split("\n")).toHaveLength(10);
    expect(text).toContain("    + '0'\n");
    expect(text).toMatch(/and 4 more lines: --sql shows them$/);
  });

  test("colours where they are wanted", () => {
    expect(schemaDiffText(changes, ansiStyle)).toContain("\u001b[32m+ column\u001b[39m");
    const patch = "--- a/neondb\n+++ b/neondb\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n";
    expect(patchText(patch, noStyle)).toBe(patch.trimEnd());
    expect(patchText(patch, ansiStyle)).toContain("\u001b[31m-y\u001b[39m");
  });
});
