import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Arrows, cliArrows, engineArrows } from "./helpers/imports/allowed-arrows.ts";
import {
  arrowsBetween,
  circlesIn,
  type Import,
  readImportGraph,
  staticClosure,
  subjectOf,
  topOf,
} from "./helpers/imports/import-graph.ts";

// The import rule of ARCHITECTURE.md.

const source = (member: string) => fileURLToPath(new URL(`../../${member}/src`, import.meta.url));

interface Member {
  name: string;
  src: string;
  /** Where parts are put together: free to import what acts. */
  isEdge: (file: string) => boolean;
  arrows: Arrows;
  /** Top subjects, from above to below; those of one line do not import each other. */
  order: string[];
}

const cli: Member = {
  name: "cli",
  src: source("cli"),
  isEdge: (file) => /^(main|app-context)\.ts$|^(routes|commands)\//.test(file),
  arrows: cliArrows,
  order: [
    "commands",
    "audit doctor refresh agents",
    "completion deploy processes restore setup",
    "migrations",
    "branches app-context.ts",
    "stages",
    "config",
    "neon repository secrets",
    "engine postgres",
  ],
};

const engine: Member = {
  name: "engine",
  src: source("engine"),
  isEdge: (file) => /^(index|engine|daemon)\.ts$|^api\/routes\//.test(file),
  arrows: engineArrows,
  order: [
    "lifecycle api",
    "serverless",
    "anonymization",
    "control-plane",
    "extensions masking pitr replicas under-way",
    "log-summaries storage proxy",
    "postgres",
    "model",
  ],
};

const ioBuiltins =
  /^node:(fs|http|https|net|tls|child_process|os|readline|tty|worker_threads|timers|process|vm|events|stream)(\/|$)/;
const ioPackages = /^(pg(-|\/|$)|ws$|@neon\/|@aws-sdk\/|@clack\/|ink$|esbuild$|@hono\/node-server)/;
/** Their types may be named anywhere: a type cannot do anything. */
const harmlessTypes = /^(pg|@neon\/sdk|@hono\/node-server|node:stream)$/;

const acts = (file: string) => /(^|\/)io\//.test(file);

function isActing({ specifier, target, isType }: Import): boolean {
  if (target !== undefined) {
    return acts(target) || target.startsWith("runtime/") || target === "app-context.ts";
  }
  if (isType && harmlessTypes.test(specifier)) return false;
  return ioBuiltins.test(specifier) || ioPackages.test(specifier);
}

describe.each([cli, engine])("$name", ({ src, isEdge, arrows, order }) => {
  const graph = readImportGraph(src);
  const files = [...graph.keys()];

  test("what decides imports nothing that acts, not even its types", () => {
    const breaches = files
      .filter((file) => !isEdge(file) && !acts(file) && !file.startsWith("runtime/"))
      .flatMap((file) =>
        (graph.get(file) ?? [])
          .filter(isActing)
          .map(({ specifier, target }) => `${file} -> ${target ?? specifier}`),
      );
    expect(breaches).toEqual([]);
  });

  test("files import each other in no circle, types included", () => {
    const byFile = new Map(
      files.map((file) => [file, (graph.get(file) ?? []).flatMap(({ target }) => target ?? [])]),
    );
    expect(circlesIn(byFile)).toEqual([]);
  });

  test.each([
    ["folders", subjectOf],
    ["top subjects", topOf],
  ])("%s import each other in no circle", (_, groupOf) => {
    expect(circlesIn(arrowsBetween(graph, groupOf))).toEqual([]);
  });

  test("arrows between subjects are the ones that were decided, and each of those is used", () => {
    const isFree = (subject: string) => /^(lib|errors|runtime)(\/|$)/.test(subject);
    const found = [...arrowsBetween(graph, subjectOf)]
      .filter(([from]) => from.includes("/") || !from.endsWith(".ts"))
      .filter(([from]) => from !== "routes")
      .map(([from, to]) => [from, [...to].filter((subject) => !isFree(subject)).sort()] as const)
      .filter(([, to]) => to.length > 0)
      .map(([from, to]) => `${from}: ${to.join(" ")}`)
      .sort();
    const decided = Object.entries(arrows).map(([from, to]) => `${from}: ${to}`);
    expect(found).toEqual(decided.sort());
  });

  test("decided arrows point downwards", () => {
    const level = (subject: string) =>
      order.findIndex((line) => line.split(" ").includes(topOf(subject)));
    const wrong = Object.entries(arrows).flatMap(([from, list]) =>
      list
        .split(" ")
        .filter((to) => topOf(to) !== topOf(from) && level(to) <= level(from))
        .map((to) => `${from} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test("every import leads to a file", () => {
    const missing = files.flatMap((file) =>
      (graph.get(file) ?? [])
        .filter(({ target }) => target !== undefined && /\.tsx?$/.test(target))
        .filter(({ target }) => !graph.has(target ?? ""))
        .map(({ target }) => `${file} -> ${target}`),
    );
    expect(missing).toEqual([]);
  });

  test("neither member imports the other: the engine is started, and answers over HTTP", () => {
    const across = files.flatMap((file) =>
      (graph.get(file) ?? [])
        .filter(({ target, specifier }) =>
          target === undefined ? /^@devstride\//.test(specifier) : target.startsWith("../.."),
        )
        .map(({ specifier }) => `${file} -> ${specifier}`),
    );
    expect(across).toEqual([]);
  });
});

describe("walls of the command", () => {
  const graph = readImportGraph(cli.src);
  const importersOf = (matches: (found: Import) => boolean) =>
    [...graph].filter(([, imports]) => imports.some(matches)).map(([file]) => file);

  test("only main, routes and commands know the composition root", () => {
    const importers = importersOf(({ target }) => target === "app-context.ts");
    expect(importers.filter((file) => !/^main\.ts$|^(routes|commands)\//.test(file))).toEqual([]);
  });

  test("commands are imported by routes alone, and only when they run", () => {
    const isCommand = ({ target }: Import) => target?.startsWith("commands/") ?? false;
    const importers = importersOf(isCommand);
    expect(importers.filter((file) => !file.startsWith("routes/"))).toEqual([]);
    expect(importersOf((found) => isCommand(found) && !found.isDynamic)).toEqual([]);
  });

  test("Neon's SDK has one importer", () => {
    const importers = importersOf(
      ({ specifier, isType }) => specifier.startsWith("@neon/") && !isType,
    );
    expect(importers).toEqual(["neon/io/writer.ts"]);
  });

  /** The text without its comments. */
  const codeOf = (file: string) =>
    readFileSync(join(cli.src, file), "utf8")
      .replace(/\/\*.*?\*\//gs, "")
      .replace(/(?<!:)\/\/.*$/gm, "");

  test("only main.ts and what starts it touch the streams, arguments and exit code of the process", () => {
    for (const file of graph.keys()) {
      if (["main.ts", "runtime/io/start.ts"].includes(file)) continue;
      expect(codeOf(file), file).not.toMatch(
        /\bprocess\.(argv|exit\b|exitCode|stdout|stderr|stdin|env\b)|\bconsole\.\w+\(/,
      );
    }
  });

  test("nothing uses the global fetch", () => {
    for (const file of graph.keys()) {
      if (file === "neon/io/fetch.ts") continue;
      expect(codeOf(file), file).not.toMatch(/(?<![.\w])fetch\(/);
    }
  });
});

describe("start-up", () => {
  const graph = readImportGraph(cli.src);
  const closure = staticClosure(graph, "main.ts");
  /** Everything that starts fast: Node's own modules, our files, and the command-line framework. */
  const lightPackages = new Set(["@stricli/core"]);
  /** Loading them costs what nothing else in the closure does, so they are for later. */
  const heavyBuiltins = new Set([
    "node:http",
    "node:https",
    "node:crypto",
    "node:child_process",
    "node:net",
  ]);

  test("the closure of main.ts is what it should be: routes, context and output are in it", () => {
    const files = [...closure.keys()];
    expect(files).toEqual(
      expect.arrayContaining([
        "routes/app.ts",
        "app-context.ts",
        "runtime/output.ts",
        "errors/ds-error.ts",
      ]),
    );
    expect(files.filter((file) => file.startsWith("commands/"))).toEqual([]);
  });

  test.each([...closure.keys()])("%s loads nothing heavy", (file) => {
    const heavy = (graph.get(file) ?? [])
      .filter(({ target, isDynamic, isType }) => target === undefined && !isDynamic && !isType)
      .filter(({ specifier }) =>
        specifier.startsWith("node:")
          ? heavyBuiltins.has(specifier)
          : !lightPackages.has(specifier),
      )
      .map(({ specifier }) => `${(closure.get(file) ?? []).join(" -> ")} imports ${specifier}`);
    expect(heavy).toEqual([]);
  });
});

test("circles are found", () => {
  const arrows = new Map([
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", ["d"]],
    ["f", ["a"]],
  ]);
  expect(circlesIn(arrows)).toEqual([
    ["d", "e"],
    ["a", "b", "c"],
  ]);
});

test("no folder of sources or tests has more than 25 entries", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const crowded = (folder: string): string[] => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    const below = entries
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => crowded(`${folder}/${name}`));
    return entries.length > 25 ? [`${folder}: ${entries.length}`, ...below] : below;
  };
  const members = ["cli/src", "cli/test", "engine/src", "engine/test", "e2e/support", "e2e/test"];
  expect(members.flatMap(crowded)).toEqual([]);
});
