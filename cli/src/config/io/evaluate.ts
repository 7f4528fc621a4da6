import { accessSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "node:process";
import { pathToFileURL } from "node:url";
import type { BuildOptions } from "esbuild";
import { DsError } from "../../errors/ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { withoutCredentials } from "../../lib/process/environment.ts";
import { trustExtraCertificates } from "../../runtime/io/extra-certificates.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import type { Config } from "../define/config.ts";
import { type Compiled, compile, compileOneWay } from "./compile.ts";
import { areUnchanged, digest, type SourceHashes } from "./source-hashes.ts";

/**
 * Cache of compiled configurations, `$DS_HOME/cache/config/<hash of the path>-…`:
 * `.json` names the source files with the hash of each, the compiled module, and the hash of the
 * last value that was found valid. All by content: a touched but unchanged file costs nothing.
 */
interface CacheEntry {
  sources: SourceHashes;
  module: string;
  validated: string | undefined;
}

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

/** Whether this content of the file, and of what it imports, has been evaluated before. */
export const wasEvaluated = (file: string, home: string): boolean =>
  readEntry(indexFor(file, home)) !== undefined;

/**
 * Another tool's configuration as a module, from the same cache.
 *
 * @param ways settings for esbuild, of which the first counts that the file can be compiled with
 * @param mayKeep whether the compiled form may stay on the disk
 */
export async function compiledCode(
  file: string,
  home: string,
  ways: readonly BuildOptions[],
  mayKeep: (code: string) => boolean,
): Promise<string> {
  const index = indexFor(file, home);
  const cached = readEntry(index);
  if (cached !== undefined) return readFileSync(cached.module, "utf8");
  const compiled = await compileOneWay(file, ways);
  if (mayKeep(compiled.code)) await store(index, await keep(compiled, home));
  return compiled.code;
}

/** Changes with what an entry holds, so that those of an older version are not read. */
const cacheFormat = 2;

const indexFor = (file: string, home: string) => {
  const key = digest(`${file}\n${process.version}\n${cacheFormat}`).slice(0, 16);
  return join(home, "cache", "config", `${key}.json`);
};

/** The entry, when each source file, and what says how it is read, still is what it was compiled from. */
function readEntry(index: string): CacheEntry | undefined {
  try {
    const entry = JSON.parse(readFileSync(index, "utf8")) as CacheEntry;
    if (!areUnchanged(entry.sources)) return undefined;
    accessSync(entry.module);
    return entry;
  } catch {
    return undefined;
  }
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
  const whole = { ...env };
  const kept = withoutCredentials(whole);
  for (const name of Object.keys(whole)) if (!(name in kept)) delete env[name];
  try {
    return ((await import(pathToFileURL(module).href)) as { default?: unknown }).default;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new DsError("CONFIG_INVALID", `${file} fails when it is evaluated: ${message}`, {
      reason: "CONFIG_NOT_EVALUATED",
      cause,
    });
  } finally {
    // This process has use for them, such as AWS' client.
    Object.assign(env, { ...whole, ...env });
  }
}

async function store(path: string, content: CacheEntry | string): Promise<void> {
  await writeFileAtomic(path, typeof content === "string" ? content : JSON.stringify(content));
}
