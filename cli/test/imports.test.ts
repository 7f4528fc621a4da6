import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// The import rule of ARCHITECTURE.md: main -> app -> (dynamic import) commands -> core, services;
// services -> core; core imports nothing with I/O; commands never import commands.

const src = fileURLToPath(new URL("../src", import.meta.url));

/** Everything that starts fast: Node's own modules, our files, and the command-line framework. */
const allowedPackages = new Set(["@stricli/core"]);
/** Loading them costs what nothing else in the closure does, so they are for later. */
const heavyBuiltins = new Set([
  "node:http",
  "node:https",
  "node:crypto",
  "node:child_process",
  "node:net",
]);
const ioBuiltins =
  /^node:(fs|http|https|net|child_process|os|readline|tty|worker_threads|timers)(\/|$)/;

interface Import {
  specifier: string;
  dynamic: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const found: Import[] = [];
  for (const [statement, specifier = ""] of text.matchAll(
    /^(?:import|export)\s[^;]*?from\s+"([^"]+)"|^import\s+"[^"]+"/gms,
  )) {
    if (/^(import|export)\s+type\s/.test(statement)) continue;
    found.push({
      specifier: specifier || (/"([^"]+)"/.exec(statement)?.[1] ?? ""),
      dynamic: false,
    });
  }
  for (const [, specifier = ""] of text.matchAll(/\bimport\(\s*"([^"]+)"/g)) {
    found.push({ specifier, dynamic: true });
  }
  return found;
}

/** The text without its comments. */
const codeOf = (file: string) =>
  readFileSync(file, "utf8")
    .replace(/\/\*.*?\*\//gs, "")
    .replace(/(?<!:)\/\/.*$/gm, "");

const resolve = (from: string, specifier: string) => join(dirname(from), specifier);
const shown = (file: string) => relative(src, file);

function sources(folder = src): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) && !path.endsWith(".test.ts") ? [path] : [];
  });
}

/** What is loaded before a command runs, and the chain that leads to it. */
function staticClosure(entry: string): Map<string, string[]> {
  const chains = new Map<string, string[]>([[entry, [shown(entry)]]]);
  const queue = [entry];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const { specifier, dynamic } of importsOf(file)) {
      if (dynamic || !specifier.startsWith(".")) continue;
      const target = resolve(file, specifier);
      if (chains.has(target) || !target.endsWith(".ts")) continue;
      chains.set(target, [...(chains.get(file) ?? []), shown(target)]);
      queue.push(target);
    }
  }
  return chains;
}

describe("start-up", () => {
  const closure = staticClosure(join(src, "main.ts"));

  test("the closure of main.ts is what it should be: app, context and output are in it", () => {
    const files = [...closure.keys()].map(shown);
    expect(files).toEqual(
      expect.arrayContaining([
        "routes/app.ts",
        "app-context.ts",
        "runtime/output.ts",
        "errors/ds-error.ts",
      ]),
    );
    expect(files.filter((file) => /^(commands|services)\//.test(file))).toEqual([]);
  });

  test.each([...closure.keys()].map((file) => [shown(file), file]))(
    "%s loads nothing heavy",
    (_, file) => {
      for (const { specifier, dynamic } of importsOf(file)) {
        if (dynamic || specifier.startsWith(".")) continue;
        const chain = (closure.get(file) ?? []).join(" -> ");
        if (specifier.startsWith("node:")) {
          expect(heavyBuiltins.has(specifier), `${chain} imports ${specifier}`).toBe(false);
        } else {
          expect(allowedPackages.has(specifier), `${chain} imports ${specifier}`).toBe(true);
        }
      }
    },
  );
});

describe("walls", () => {
  const files = sources();

  test.each(files.map((file) => [shown(file), file]))("%s", (name, file) => {
    for (const { specifier } of importsOf(file)) {
      const target = specifier.startsWith(".") ? shown(resolve(file, specifier)) : undefined;
      if (target !== undefined)
        expect(existsSync(join(src, target)), `${specifier} exists`).toBe(true);
      if (name.startsWith("core/")) {
        expect(target ?? "", specifier).not.toMatch(
          /^(services|commands|routes)\/|\/io\/|context\.ts$/,
        );
        expect(specifier).not.toMatch(ioBuiltins);
      }
      if (name.startsWith("services/"))
        expect(target ?? "").not.toMatch(/^(commands\/|app\.ts|main\.ts)/);
      if (name.startsWith("commands/"))
        expect(target ?? "").not.toMatch(/^(commands\/|app\.ts|main\.ts)/);
      if (specifier.startsWith("@neon/")) expect(name).toBe("neon/io/client.ts");
      expect(target ?? "", "the engine is started, never imported").not.toMatch(/engine\/src/);
    }
  });

  test("only main.ts and what starts it touch the streams, arguments and exit code of the process", () => {
    for (const file of files) {
      if (["main.ts", "start.ts"].includes(shown(file))) continue;
      expect(codeOf(file), shown(file)).not.toMatch(
        /\bprocess\.(argv|exit\b|exitCode|stdout|stderr|stdin|env\b)|\bconsole\.\w+\(/,
      );
    }
  });

  test("nothing uses the global fetch", () => {
    for (const file of files) {
      if (shown(file) === "neon/io/fetch.ts") continue;
      expect(codeOf(file), shown(file)).not.toMatch(/(?<![.\w])fetch\(/);
    }
  });
});
