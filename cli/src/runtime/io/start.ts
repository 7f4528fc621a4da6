import { readFileSync } from "node:fs";
import { Module } from "node:module";
import { sep } from "node:path";
import { Script } from "node:vm";
import { dsHome } from "../home.ts";
import { CodeCache } from "./code-cache.ts";

// What bin/ds.js loads. It runs the files of the build from V8's compiled form of them, which an earlier
// run has left: compiling them each time takes longer than many a command. Built as CommonJS, because
// Node 20 cannot load ES modules that way.

/** Put in by the build: its first file, and what names the content of all of them. */
declare const build: { main: string; id: string };

const home = homeIfAny();
const cache = home === undefined ? undefined : new CodeCache(home, build.id);
process.on("exit", (status) => {
  if (status === 0) cache?.store();
});
load(build.main);

/** Runs a file of the build, once. */
function load(name: string): unknown {
  const filename = `${__dirname}${sep}${name}`;
  // Node's own table, so that files which stayed ES modules get the same instances.
  const known = require.cache[filename];
  if (known) return known.exports;
  const module = Object.assign(new Module(filename), { filename }) as NodeJS.Module;
  require.cache[filename] = module;
  try {
    // Wrapped as Node does it.
    const parameters = "exports, require, module, __filename, __dirname";
    const source = `(function (${parameters}) {${readFileSync(filename, "utf8")}\n})`;
    const script = cache?.compile(name, source, filename) ?? new Script(source, { filename });
    script.runInThisContext()(module.exports, requireFile, module, filename, __dirname);
  } catch (error) {
    delete require.cache[filename];
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

function requireFile(id: string): unknown {
  return id.startsWith("./") ? load(id.slice(2)) : require(id);
}

/** What `import()` is in the files of the build: scripts that come from the cache have none. */
export async function importModule(specifier: string): Promise<unknown> {
  if (/^\.\/.*\.cjs$/.test(specifier)) return requireFile(specifier);
  // Node's own modules without its machinery for ES modules, which takes milliseconds to start.
  if (specifier.startsWith("node:")) {
    const module = require(specifier) as object;
    return Object.assign(Object.create(module), { default: module });
  }
  return import(specifier);
}

/** Undefined where main.ts will say what is wrong with it. */
function homeIfAny(): string | undefined {
  try {
    return dsHome(process.env, process.getuid?.() ?? -1);
  } catch {
    return undefined;
  }
}
