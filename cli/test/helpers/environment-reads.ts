import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Each variable's name with the files of the folders that read it, relative to the root. */
export type Reads = ReadonlyMap<string, ReadonlySet<string>>;

const name = "[A-Z][A-Z0-9_]+";
/** `env.X`, `env["X"]`. */
const direct = [
  // In quotes it is a constant that the build puts in.
  new RegExp(`(?<!"process\\.)\\benv\\??\\.(${name})\\b`, "g"),
  new RegExp(`\\benv\\[["'](${name})["']\\]`, "g"),
];
/** `{ X, Y: y }: Environment`, `const { X } = process.env`. */
const taken = [/\{([^{}]*)\}: Environment\b/g, /\{([^{}]*)\} = (?:\w+\.)?env\b/g];
/** `$X`, `${X-...}`. */
const shell = [new RegExp(`\\$\\{?(${name})\\b`, "g")];

export function environmentReads(root: string, places: readonly string[]): Reads {
  const reads = new Map<string, Set<string>>();
  for (const file of sourceFiles(root, places)) {
    for (const variable of variablesIn(readFileSync(file, "utf8"))) {
      const files = reads.get(variable) ?? new Set();
      reads.set(variable, files.add(relative(root, file)));
    }
  }
  return reads;
}

function variablesIn(text: string): string[] {
  const patterns = text.startsWith("#!/bin/sh") ? shell : direct;
  const plain = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, one = ""]) => one),
  );
  const inBraces = taken.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap(([, parts = ""]) =>
      parts.split(",").flatMap((part) => new RegExp(`^\\s*(${name})\\b`).exec(part)?.[1] ?? []),
    ),
  );
  return [...plain, ...inBraces];
}

/** Of the named files and folders, without the tests that lie beside their files. */
export const sourceFiles = (root: string, places: readonly string[]): string[] =>
  places
    .flatMap((place) => filesIn(join(root, place)))
    .filter((file) => !/\/src\/.*\.test\.ts$/.test(file));

/** The file itself, or the sources below a folder. */
function filesIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      if (entry.isDirectory()) {
        return entry.name === "node_modules" ? [] : filesIn(join(path, entry.name));
      }
      return /\.(m?[jt]s|tsx)$/.test(entry.name) ? [join(path, entry.name)] : [];
    });
  } catch {
    return [path];
  }
}
