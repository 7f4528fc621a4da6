import type { Random } from "./random.ts";

/** What the statements so far have made: each new one fits it. */
export class RandomStatements {
  readonly #random: Random;
  readonly #tables: string[] = [];
  readonly #enums: string[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Statements, one each, without a semicolon at the end. */
  some(most: number): string[] {
    return Array.from({ length: this.#random.int(1, most) }, () => this.one());
  }

  one(): string {
    if (this.#tables.length === 0) return this.table();
    const kinds: (readonly [number, () => string])[] = [
      [4, () => this.table()],
      [
        4,
        () =>
          `ALTER TABLE ${this.#aTable()} ADD COLUMN ${this.#name("c")} text DEFAULT 'it''s; -- "x"'`,
      ],
      [3, () => `CREATE INDEX ${this.#name("i")} ON ${this.#aTable()} (id, name)`],
      [
        3,
        () =>
          `INSERT INTO ${this.#aTable()} (name) VALUES ('${this.#name("v")}; /* ''é🙂'' */'), (E'a\\'b;')`,
      ],
      [2, () => this.#enum()],
      [2, () => `CREATE VIEW ${this.#name("v")} AS SELECT id, name FROM ${this.#aTable()}`],
      [2, () => this.#routine()],
      [1, () => `COMMENT ON TABLE ${this.#aTable()} IS $c$ it's; "quoted" -- no comment $c$`],
      [1, () => `DO $$ BEGIN INSERT INTO ${this.#aTable()} (name) VALUES ('done;'); END $$`],
      [
        1,
        () => `ALTER TABLE ${this.#aTable()} ADD CONSTRAINT ${this.#name("k")} CHECK (name <> ';')`,
      ],
      [
        1,
        () =>
          `/* a; /* nested; */ */ UPDATE ${this.#aTable()} SET name = name || '!' -- to the end;\n`,
      ],
      [
        1,
        () => `WITH n AS (SELECT 1 AS one) INSERT INTO ${this.#aTable()} (name) SELECT 'n' FROM n`,
      ],
      [1, () => `CREATE SCHEMA ${this.#name("s")}`],
    ];
    return this.#random.weighted(kinds)();
  }

  table(schema = ""): string {
    const name = `${schema}${this.#name("t")}`;
    if (schema === "") this.#tables.push(name);
    return `CREATE TABLE ${name} (\n\tid serial PRIMARY KEY NOT NULL,\n\tname text\n)`;
  }

  concurrently(): string {
    const name = this.#name("i");
    return `CREATE INDEX CONCURRENTLY ${name} ON ${this.#aTable()} (name)`;
  }

  /** A value that is used before it is committed, unless something commits in between. */
  enumValueInUse(): [string, string] {
    const type = this.#enums.at(-1) ?? "";
    const value = this.#name("x");
    const add = `ALTER TYPE ${type} ADD VALUE '${value}'`;
    return [add, `CREATE TABLE ${this.#name("t")} (e ${type} DEFAULT '${value}')`];
  }

  hasEnum(): boolean {
    return this.#enums.length > 0;
  }

  /** A procedure that commits, and its call. */
  batch(): [string, string] {
    const name = this.#name("p");
    const body = `BEGIN INSERT INTO ${this.#aTable()} (name) VALUES ('a;'); COMMIT; INSERT INTO ${this.#aTable()} (name) VALUES ('b'); COMMIT; END`;
    return [`CREATE PROCEDURE ${name}() LANGUAGE plpgsql AS $p$ ${body} $p$`, `CALL ${name}()`];
  }

  /** SQL that fits behind another statement, but is none. */
  view(): [string, string] {
    return [
      `CREATE VIEW ${this.#name("v")} AS SELECT id FROM ${this.#aTable()}`,
      "TABLESAMPLE SYSTEM (0)",
    ];
  }

  /** Where a schema's tables are made depends on a setting. */
  settingAndTable(local: boolean): string[] {
    const schema = this.#name("s");
    const table = this.#name("t");
    const scope = local ? "SET LOCAL" : "SET";
    return [
      `CREATE SCHEMA ${schema}`,
      `${scope} search_path TO ${schema}`,
      `CREATE TABLE ${table} (id int)`,
      "RESET search_path",
    ];
  }

  #enum(): string {
    const name = this.#name("e");
    this.#enums.push(name);
    return `CREATE TYPE ${name} AS ENUM ('a', 'b;')`;
  }

  #routine(): string {
    const table = this.#aTable();
    return this.#random.pick([
      `CREATE FUNCTION ${this.#name("f")}() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  -- a comment; with one\n  RETURN (SELECT count(*) FROM ${table} WHERE name <> 'COMMIT;');\nEND;\n$$`,
      `CREATE OR REPLACE FUNCTION ${this.#name("f")}() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END`,
      `CREATE FUNCTION ${this.#name("f")}() RETURNS text LANGUAGE sql AS 'select ''begin; commit;'''`,
    ]);
  }

  #aTable(): string {
    return this.#random.pick(this.#tables);
  }

  #name(kind: string): string {
    this.#count += 1;
    return `${kind}${this.#count}`;
  }
}
