import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { environmentReads, sourceFiles } from "../helpers/environment-reads.ts";

// docs/environment.md against the sources: nothing is read that it does not have, and it has nothing that is not read.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/environment.md"), "utf8");

/** The rows of one section's table: the cells without their backquotes. */
function rowsOf(title: string): string[][] {
  const [, section = ""] = page.split(`## ${title}\n`);
  const [own = ""] = section.split("\n## ");
  return own
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1")));
}

const readers = (title: string) => rowsOf(title).map(([variable, file]) => `${variable}: ${file}`);

const found = (places: string[]) =>
  [...environmentReads(root, places)].map(([variable, files]) => ({ variable, files }));

/** The sample application is a customer's, and reads what its configuration says. */
const notOurs = new Set(["DATABASE_URL", "DATABASE_URL_UNPOOLED", "DEVSTRIDE_STAGE", "PORT"]);

describe("each variable is read in one module, and that is on the page", () => {
  test.each([
    ["Read by ds", ["cli/bin", "cli/src"]],
    ["Read by the engine", ["engine/src"]],
  ])("%s", (title, places) => {
    const read = found(places).map(({ variable, files }) => `${variable}: ${[...files].join()}`);
    expect(read.sort()).toEqual(readers(title).sort());
  });

  test("the launcher and the scripts", () => {
    const ofTests = new Set(rowsOf("Read by tests and benchmarks only").map(([name]) => name));
    const read = found(["ds", "scripts"])
      .filter(({ variable }) => !ofTests.has(variable))
      .map(({ variable, files }) => `${variable}: ${[...files].join()}`);
    expect(read.sort()).toEqual(readers("Read by the launcher and the scripts").sort());
  });

  test("tests and benchmarks read nothing else", () => {
    const everywhere = environmentReads(root, [
      ...["bench", "cli/test", "engine/test", "e2e", "backend/test", "scripts"],
    ]);
    const known = new Set(
      [...page.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)].map(([, name]) => name),
    );
    /** Of configurations that tests write. */
    const samples = [
      "OUT",
      "SCHEMA",
      "TABLE",
      "MAIN_DB",
      "SKIP_ENV_VALIDATION",
      "TEST_PROJECT",
      "PULUMI_HOME",
    ];
    const unknown = [...everywhere.keys()].filter(
      (name) => !known.has(name) && !samples.includes(name) && !notOurs.has(name),
    );
    expect(unknown).toEqual([]);
    for (const [variable = "", file = ""] of rowsOf("Read by tests and benchmarks only")) {
      expect([...(everywhere.get(variable) ?? [])], variable).toContain(file);
    }
  });
});

describe("what others read is named in the sources", () => {
  const text = sourceFiles(root, ["cli/src"])
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

  test.each([
    ...rowsOf("Named by ds.config.ts"),
    ...rowsOf("Read by programs that ds calls"),
    ...rowsOf("Set for what ds starts"),
  ])("%s", (variable) => {
    expect(text).toMatch(new RegExp(`\\b${variable}\\b`));
  });

  test("and on the page", () => {
    const prefixed = /\b(?:DS|NEON|DEVSTRIDE|PULUMI|AWS|GITHUB|GH)_[A-Z][A-Z_]+\b/g;
    const names = new Set([...text.matchAll(prefixed)].map(([name]) => name));
    const reasons = readFileSync(join(root, "cli/src/errors/error-reason.ts"), "utf8");
    const unknown = [...names].filter(
      (name) => !page.includes(`\`${name}\``) && !reasons.includes(`"${name}"`),
    );
    expect(unknown).toEqual([]);
  });
});

describe("each file of the home is built in one module, and that is on the page", () => {
  const rows = rowsOf("Files in $DS_HOME");

  test("what the command keeps there", () => {
    const built = sourceFiles(root, ["cli/src"]).flatMap((file) => {
      const calls = readFileSync(file, "utf8").matchAll(
        /(?:join|homeFolder)\((?:\w+\.)?home, ("[^)]*?"(?:, "[^"]*")*)/g,
      );
      const module = file.slice(root.length).replace(/^\//, "");
      return [...calls].map(([, parts = ""]) => ({
        module,
        path: [...parts.matchAll(/"([^"]*)"/g)].map(([, part]) => part).join("/"),
      }));
    });
    const isOnPage = ({ module, path }: (typeof built)[number]) =>
      rows.some(([where = "", by, what = ""]) => {
        const isIts = by === module || what.includes(`\`${module}\` reads it`);
        return isIts && (where === path || where.startsWith(`${path}/`) || `${path}/` === where);
      });
    // Free space is looked at, and nothing is written; the log is shown.
    const onlyLooked = new Set(["data", "engine.log"]);
    expect(built.filter((one) => !onlyLooked.has(one.path) && !isOnPage(one))).toEqual([]);
    for (const [where, by = ""] of rows.filter(([, module]) => module?.startsWith("cli/"))) {
      expect(
        built.some(({ module }) => module === by),
        `${where} by ${by}`,
      ).toBe(true);
    }
  });

  test("what the engine keeps there", () => {
    const module = "engine/src/storage/home.ts";
    const home = readFileSync(join(root, module), "utf8");
    const built = [...home.matchAll(/this\.file\("([^"]+)"/g)].map(([, first]) => first);
    const listed = rows.filter(([, by]) => by === module).map(([path]) => path?.replace(/\/$/, ""));
    expect([...new Set(built)].sort()).toEqual(listed.sort());
  });
});
