import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export interface Import {
  specifier: string;
  /** The file, relative to the sources' root; undefined for a package or a module of Node's. */
  target: string | undefined;
  /** `import type`, which is gone when the code runs. */
  isType: boolean;
  isDynamic: boolean;
}

/** What each source file of a member imports; paths are relative to `src`. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

export function readImportGraph(src: string): ImportGraph {
  const files = sourcesIn(src).map((path) => relative(src, path));
  return new Map(
    files.map((file) => [file, importsOf(readFileSync(join(src, file), "utf8"), file)]),
  );
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.(tsx?|m?js)$/.test(path) && !/\.(test|d)\.tsx?$/.test(path) ? [path] : [];
  });
}

function importsOf(text: string, file: string): Import[] {
  const target = (specifier: string) =>
    specifier.startsWith(".") ? join(dirname(file), specifier) : undefined;
  const found: Import[] = [];
  const statements = /^(?:import|export)\s+(type\s)?[^;"]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gms;
  for (const [, type, from, alone] of text.matchAll(statements)) {
    const specifier = from ?? alone ?? "";
    found.push({ specifier, target: target(specifier), isType: !!type, isDynamic: false });
  }
  for (const [, specifier = ""] of text.matchAll(/\bimport\(\s*"([^"]+)"/g)) {
    found.push({ specifier, target: target(specifier), isType: false, isDynamic: true });
  }
  return found;
}

/** The subject of a file: its folder, of which an `io/` is a part. */
export const subjectOf = (file: string): string =>
  dirname(file).replace(/\/io$/, "") === "." ? file : dirname(file).replace(/\/io$/, "");

/** The subject at the top, such as `migrations` for `migrations/plan/locks`. */
export const topOf = (file: string): string => file.split("/")[0] ?? file;

/** Arrows between groups of files, without those that stay within one. */
export function arrowsBetween(
  graph: ImportGraph,
  groupOf: (file: string) => string,
): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const from = groupOf(file);
    const to = arrows.get(from) ?? new Set<string>();
    arrows.set(from, to);
    for (const { target } of imports) {
      if (target !== undefined && groupOf(target) !== from) to.add(groupOf(target));
    }
  }
  return arrows;
}

/** Groups of two and more nodes that all lead to each other (Tarjan's strongly connected components). */
export function circlesIn(arrows: ReadonlyMap<string, Iterable<string>>): string[][] {
  const index = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): number => {
    const own = index.size;
    index.set(node, own);
    stack.push(node);
    let low = own;
    for (const next of arrows.get(node) ?? []) {
      if (!index.has(next)) low = Math.min(low, visit(next));
      else if (stack.includes(next)) low = Math.min(low, index.get(next) ?? own);
    }
    if (low === own) {
      const members = stack.splice(stack.indexOf(node));
      if (members.length > 1) circles.push(members.sort());
    }
    return low;
  };
  for (const node of arrows.keys()) if (!index.has(node)) visit(node);
  return circles;
}

/** What is loaded statically with a file, and the chain that leads to it. */
export function staticClosure(graph: ImportGraph, entry: string): Map<string, string[]> {
  const chains = new Map<string, string[]>([[entry, [entry]]]);
  const queue = [entry];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const { target, isDynamic, isType } of graph.get(file) ?? []) {
      if (isDynamic || isType || target === undefined || chains.has(target)) continue;
      if (!graph.has(target)) continue;
      chains.set(target, [...(chains.get(file) ?? []), target]);
      queue.push(target);
    }
  }
  return chains;
}
