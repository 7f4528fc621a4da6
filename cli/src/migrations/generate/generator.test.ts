import { describe, expect, test } from "vitest";
import { whatDrizzleKitSays } from "./drizzle-kit-says.ts";
import { checkMigrationName, withName } from "./generator.ts";
import { bareName, isGenerated, ownSql, refuseWhatIsLost } from "./rebase.ts";

describe("generate", () => {
  test.each(["a; rm -rf b", "$(x)", "../a", "", "a b", "-a"])("refuses the name %j", (name) => {
    expect(() => checkMigrationName(name)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });

  test.each([
    ["npm run --silent generate-sql", "npm run --silent generate-sql -- --name x"],
    ["npm run gen -- --custom", "npm run gen -- --custom --name x"],
    ["pnpm generate-sql", "pnpm generate-sql --name x"],
  ])("%s", (command, named) => {
    expect(withName(command, "x")).toBe(named);
    expect(withName(command, undefined)).toBe(command);
  });

  test("a question without an answer, a complaint, and nothing to do are three things", () => {
    const asked = "Error: Interactive prompts require a TTY terminal (process.stdin.isTTY ...";
    const done = "No schema changes, nothing to migrate";
    const wrong = "[drizzle/meta/0001.json, drizzle/meta/0002.json] ... which is a collision.";
    expect([asked, done, wrong].map(whatDrizzleKitSays)).toEqual([
      "asked",
      "nothing",
      "complained",
    ]);
  });
});

describe("rebase", () => {
  const files = (entries: Record<string, string>) =>
    new Map(Object.entries(entries).map(([name, text]) => [name, Buffer.from(text)]));

  test("this side's SQL is what the other one lacks, by content", () => {
    const kept = files({ "0000_a.sql": "a", "0001_theirs.sql": "t", "meta/_journal.json": "{}" });
    const here = files({
      "0000_a.sql": "\ufeffa",
      "0001_mine.sql": "m",
      "meta/_journal.json": "<<<",
    });
    expect([...ownSql(here, kept)]).toEqual([["0001_mine.sql", "m"]]);
  });

  test("what is replaced, and what lies there for other reasons", () => {
    const own = new Set(["0001_mine.sql", "20261122231314_b/migration.sql"]);
    const replaced = ["0001_mine.sql", "meta/x.json", "20261122231314_b/snapshot.json"];
    for (const name of replaced) expect(isGenerated(name, own), name).toBe(true);
    for (const name of ["README.md", "0000_a.sql", "docs/a.sql"])
      expect(isGenerated(name, own), name).toBe(false);
  });

  test("statements that a generator does not write", () => {
    const definition = "create table a (id int); alter table a add b int; drop index c;";
    expect(() => refuseWhatIsLost(new Map([["a.sql", definition]]))).not.toThrow();
    const data = new Map([["a.sql", `${definition} insert into a values (1);`]]);
    expect(() => refuseWhatIsLost(data)).toThrow(
      expect.objectContaining({
        reason: "STATEMENTS_LOST",
        details: { lost: ["a.sql (INSERT)"], outcome: "unchanged" },
      }),
    );
  });

  test("names without number", () => {
    expect(["0004_due_date.sql", "20261122231314_due/migration.sql"].map(bareName)).toEqual([
      "due_date",
      "due",
    ]);
  });
});
