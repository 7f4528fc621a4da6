import { createHash } from "node:crypto";
import { accessSync, existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import type { Config } from "../define/config.ts";

/**
 * Cache of compiled configurations, `$DS_HOME/cache/config/<hash of the path>-…`:
 * `.json` names the source files with the hash of each, the compiled module, and the hash of the
 * last value that was found valid. All by content: a touched but unchanged file costs nothing.
 */
interface CacheEntry {
  sources: Record<string, string>;
  module: string;
  validated: string | undefined;
}

const nearby = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What a configuration imports of this package: as it was built, or its source in tests. */
const built = nearby("./define-config.js");
const ownDefinitions = existsSync(built) ? built : nearby("../define/config.ts");

const digest = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

/** Compiles (once per content), evaluates and validates a configuration file. */
export async function evaluateConfig(file: string, home: string): Promise<Config> {
  const index = indexFor(file, home);
  const cached = readEntry(index);
  const entry = cached ?? (await keep(await compile(file), home));
  const value = await evaluate(entry.module, file);
  const validated = digest(JSON.stringify(value) ?? "undefined");
  if (cached?.validated === validated) return value as Config;
  const { validateConfig } = await import("../schema/config.ts");
  const config = validateConfig(value, file);
  await store(index, { ...entry, validated });
  return config;
}

/**
 * Another tool's configuration as a module, from the same cache.
 *
 * @param settings for esbuild
 * @param mayKeep whether the compiled form may stay on the disk
 */
export async function compiledCode(
  file: string,
  home: string,
  settings: BuildOptions,
  mayKeep: (code: string) => boolean,
): Promise<string> {
  const index = indexFor(file, home);
  const cached = readEntry(index);
  if (cached !== undefined) return readFileSync(cached.module, "utf8");
  const compiled = await compile(file, settings);
  if (mayKeep(compiled.code)) await store(index, await keep(compiled, home));
  return compiled.code;
}

const indexFor = (file: string, home: string) =>
  join(home, "cache", "config", `${digest(`${file}\n${process.version}`).slice(0, 16)}.json`);

/** The entry, when each source file still has the content it was compiled from. */
function readEntry(index: string): CacheEntry | undefined {
  try {
    const entry = JSON.parse(readFileSync(index, "utf8")) as CacheEntry;
    for (const [path, hash] of Object.entries(entry.sources)) {
      if (digest(readFileSync(path)) !== hash) return undefined;
    }
    accessSync(entry.module);
    return entry;
  } catch {
    return undefined;
  }
}

interface Compiled {
  code: string;
  sources: CacheEntry["sources"];
}

async function compile(file: string, settings: BuildOptions = {}): Promise<Compiled> {
  const { build } = await import("esbuild").catch((cause: unknown) => {
    throw new DsError(
      "PREREQUISITE_MISSING",
      `${file} cannot be compiled: esbuild is not installed`,
      {
        hint: "Install the dependencies of @devstride/ds again, optional ones included.",
        cause,
      },
    );
  });
  const result = await build({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    ...settings,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "silent",
    // The module is evaluated from the cache's folder, but speaks of its own.
    define: {
      "import.meta.url": JSON.stringify(pathToFileURL(file).href),
      "import.meta.dirname": JSON.stringify(dirname(file)),
      "import.meta.filename": JSON.stringify(file),
    },
    plugins: [
      {
        // Works where the package is not installed, too, and is the one that this command knows.
        name: "define-config",
        setup(hooks) {
          hooks.onResolve({ filter: /^@devstride\/ds$/ }, () => ({ path: ownDefinitions }));
        },
      },
      ...(settings.plugins ?? []),
    ],
  }).catch((error: unknown) => {
    throw compileError(error, file);
  });
  const paths = Object.keys(result.metafile.inputs).map((path) => resolve(dirname(file), path));
  const sources: Record<string, string> = {};
  for (const path of paths) sources[path] = digest(readFileSync(path));
  return { code: result.outputFiles[0]?.text ?? "", sources };
}

async function keep({ code, sources }: Compiled, home: string): Promise<CacheEntry> {
  const folder = await homeFolder(home, "cache", "config");
  const module = join(folder, `${digest(code).slice(0, 16)}.mjs`);
  await store(module, code);
  return { sources, module, validated: undefined };
}

async function evaluate(module: string, file: string): Promise<unknown> {
  // It may fetch something.
  trustExtraCertificates();
  try {
    return ((await import(pathToFileURL(module).href)) as { default?: unknown }).default;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DsError("CONFIG_INVALID", `${file} fails when it is evaluated: ${message}`, {
      cause,
    });
  }
}

function compileError(error: unknown, file: string): DsError {
  const failures = (error as { errors?: EsbuildMessage[] }).errors ?? [];
  const lines = failures.map(({ text, location }) =>
    location ? `  ${location.file}:${location.line}:${location.column + 1}: ${text}` : `  ${text}`,
  );
  return new DsError(
    "CONFIG_INVALID",
    `${file} cannot be compiled:\n${lines.join("\n") || `  ${String(error)}`}`,
    {
      cause: error,
    },
  );
}

interface EsbuildMessage {
  text: string;
  location: { file: string; line: number; column: number } | null;
}

async function store(path: string, content: CacheEntry | string): Promise<void> {
  await writeFileAtomic(path, typeof content === "string" ? content : JSON.stringify(content));
}
