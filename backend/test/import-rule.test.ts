import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const modules = path.join(import.meta.dirname, "../src/modules");

/** Sources of one layer of every module: path below modules/ and what each imports. */
function sourcesOf(layer: string) {
  return readdirSync(modules, { recursive: true, encoding: "utf8" })
    .filter((file) => file.split(path.sep)[1] === layer && file.endsWith(".ts"))
    .map((file) => {
      const source = readFileSync(path.join(modules, file), "utf8");
      const imports = [...source.matchAll(/from "([^"]+)"/g)].map(([, target]) => target ?? "");
      return { file, imports };
    });
}

test.each(["domain", "application"])("%s imports no package and no adapter", (layer) => {
  const sources = sourcesOf(layer);
  expect(sources.length).toBeGreaterThanOrEqual(6);
  for (const { file, imports } of sources) {
    const outside = imports.filter(
      (target) => !target.startsWith(".") || target.includes("/infrastructure/"),
    );
    expect(outside, file).toEqual([]);
  }
});

test("domain knows nothing of application", () => {
  for (const { file, imports } of sourcesOf("domain")) {
    expect(
      imports.filter((target) => target.includes("/application/")),
      file,
    ).toEqual([]);
  }
});
