// Bundles the command as CommonJS files that cli/src/runtime/io/start.ts can run from V8's code cache.
//
// esbuild splits ES modules only, so its chunks are turned into CommonJS one by one. Those that wait at
// their top level (Ink's layout engine) cannot be, nor what imports them: they stay ES modules and are
// loaded by Node's own import().
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";

const require = createRequire(import.meta.url);

/** @typedef {{ name: string, code: string, isEntry: boolean, imports: string[] }} Chunk */

/**
 * @param {import("esbuild").BuildOptions} settings what all bundles have in common
 * @param {string} outdir
 * @param {string} banner what an ES module needs at its top
 * @returns {Promise<string[]>} the files that went into it
 */
export async function bundleCli(settings, outdir, banner) {
  const { chunks, inputs } = await split(settings, outdir);
  const converted = await convertAll(chunks);
  const files = chunks.map(({ name, code }) => {
    const commonJs = converted.get(name);
    return commonJs === undefined
      ? { name, code: renameChunks(`${banner}\n${code}`, converted) }
      : { name: commonJsName(name), code: renameChunks(commonJs, converted) };
  });
  for (const { name, code } of files) writeFileSync(join(outdir, name), code);

  const main = chunks.find(({ isEntry }) => isEntry)?.name ?? "";
  if (!converted.has(main)) throw new Error("main.ts, or what it imports, has a top-level await");
  const id = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
  await build({
    ...settings,
    entryPoints: { start: "cli/src/runtime/io/start.ts" },
    outdir,
    outExtension: { ".js": ".cjs" },
    format: "cjs",
    define: { build: JSON.stringify({ main: commonJsName(main), id }) },
  });
  return inputs;
}

/**
 * @param {import("esbuild").BuildOptions} settings
 * @param {string} outdir
 * @returns {Promise<{ chunks: Chunk[], inputs: string[] }>}
 */
async function split(settings, outdir) {
  const { metafile, outputFiles } = await build({
    ...settings,
    entryPoints: { main: "cli/src/main.ts" },
    outdir,
    entryNames: "[name]-[hash]",
    format: "esm",
    splitting: true,
    metafile: true,
    write: false,
    plugins: [pgOnNodeCrypto],
  });
  const outputs = Object.entries(metafile.outputs);
  const described = new Map(outputs.map(([path, output]) => [basename(path), output]));
  const chunks = outputFiles.map(({ path, text }) => {
    const name = basename(path);
    const { entryPoint, imports = [] } = described.get(name) ?? {};
    return {
      name,
      code: text,
      isEntry: entryPoint === "cli/src/main.ts",
      imports: imports
        .filter(({ kind, external }) => kind === "import-statement" && !external)
        .map((item) => basename(item.path)),
    };
  });
  return { chunks, inputs: Object.keys(metafile.inputs) };
}

/** @type {import("esbuild").Plugin} */
export const pgOnNodeCrypto = {
  name: "pg-crypto",
  setup(hooks) {
    hooks.onLoad({ filter: /[\\/]pg[\\/]lib[\\/]crypto[\\/]utils\.js$/ }, ({ path }) => {
      const names = (/** @type {string} */ file) => Object.keys(require(file)).sort().join();
      const ours = join(import.meta.dirname, "pg-crypto.cjs");
      if (names(ours) !== names(path)) throw new Error(`${path} is not what ${ours} stands in for`);
      return { contents: readFileSync(ours), loader: "js" };
    });
  },
};

/**
 * The code of those that can be CommonJS, by name.
 *
 * @param {Chunk[]} chunks
 */
async function convertAll(chunks) {
  /** @type {Map<string, string>} */
  const converted = new Map();
  for (const { name, code } of chunks) {
    const commonJs = await toCommonJs(code);
    if (commonJs !== undefined) converted.set(name, commonJs);
  }
  // What imports an ES module is one: `require` cannot wait.
  for (let before = -1; before !== converted.size; ) {
    before = converted.size;
    for (const { name, imports } of chunks) {
      if (imports.some((other) => !converted.has(other))) converted.delete(name);
    }
  }
  return converted;
}

/**
 * Undefined when the code has a top-level await.
 *
 * @param {string} code
 */
async function toCommonJs(code) {
  const { code: commonJs } = await transform(code, {
    format: "cjs",
    platform: "node",
    target: "node20",
    define: { "import.meta.url": "__fileUrl", "import.meta.dirname": "__dirname" },
    // Marks each import() in a way that is told apart from text, for the replacement below.
    supported: { "dynamic-import": false },
  }).catch((error) => {
    if (/Top-level await/.test(error.message)) return { code: undefined };
    throw error;
  });
  if (commonJs === undefined) return undefined;
  const lazy = /Promise\.resolve\(\)\.then\(\(\) => __toESM\d*\(require\(/g;
  const head = [
    lazy.test(commonJs) && 'const { importModule: __import } = require("./start.cjs");',
    /\b__fileUrl\b/.test(commonJs) &&
      'const __fileUrl = require("node:url").pathToFileURL(__filename).href;',
  ];
  return [...head.filter(Boolean), commonJs.replace(lazy, "((__import(")].join("\n");
}

/**
 * Chunks that became CommonJS have another name in what imports them.
 *
 * @param {string} code
 * @param {Map<string, string>} converted
 */
function renameChunks(code, converted) {
  return code.replace(/"\.\/([\w.-]+-[A-Z0-9]{8}\.js)"/g, (whole, name) =>
    converted.has(name) ? `"./${commonJsName(name)}"` : whole,
  );
}

/** @param {string} name */
function commonJsName(name) {
  return name.replace(/\.js$/, ".cjs");
}
