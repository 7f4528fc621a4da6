import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { execPath } from "node:process";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import type { Plugin } from "esbuild";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { runChild } from "../../lib/process/io/run-child.ts";
import { describeEnd } from "../../lib/process/run-end.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  type DrizzleProblem,
  drizzleSettings,
  holdsCredential,
  shortReason,
  type Unusable,
} from "../drizzle-settings.ts";

export interface DrizzleConfig {
  file: string;
  /** The migrations folder. */
  folder: string;
  schema: string;
  table: string;
}

type Needs = Pick<Runtime, "cwd" | "env" | "home">;

const longestMs = 30_000;

/** Reads what counts of a drizzle config; refuses one that cannot be used, with what to do about it. */
export async function readDrizzleConfig(file: string, context: Needs): Promise<DrizzleConfig> {
  const refusal = ({ problem, unusable }: Unusable) =>
    new DsError("CONFIG_INVALID", `${shownPath(file, context.cwd)} cannot be used: ${unusable}`, {
      reason: "DRIZZLE_CONFIG_UNUSABLE",
      hint: "Mend it, or write a ds.config.ts, which then counts instead: ds init",
      details: { problem },
    });
  const value = await evaluate(file, context).catch((error: Error) => {
    // A home that cannot be written, or no esbuild, is not the config's fault.
    if (error instanceof DsError && error.code !== "CONFIG_INVALID") throw error;
    const problem = error instanceof Unevaluated ? error.problem : "not-compiled";
    throw refusal({ problem, unusable: shortReason(error.message) });
  });
  const settings = drizzleSettings(value);
  if ("unusable" in settings) throw refusal(settings);
  const { out, ...ledger } = settings;
  // drizzle-kit takes it from the folder it runs in, which is this file's when it finds the file by itself.
  return { file, folder: resolve(dirname(file), out), ...ledger };
}

async function evaluate(file: string, { env, home }: Needs): Promise<unknown> {
  if (file.endsWith(".json")) return JSON.parse(readFileSync(file, "utf8"));
  const { compiledCode } = await import("./evaluate.ts");
  const settings = { plugins: [packagesStayOutside], conditions: [] };
  const code = await compiledCode(file, home, settings, (text) => !holdsCredential(text));
  return evaluateApart(code, file, env);
}

/** They may not bear being bundled, and are none of what the compiled form depends on. */
const packagesStayOutside: Plugin = {
  name: "packages-stay-outside",
  setup(hooks) {
    const underWay = {};
    hooks.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === underWay) return undefined;
      const { importer, kind, namespace, resolveDir, with: attributes } = from;
      const where = { importer, kind, namespace, resolveDir, with: attributes };
      const found = await hooks.resolve(path, { ...where, pluginData: underWay });
      if (found.external || !/[\\/]node_modules[\\/]/.test(found.path)) return found;
      const isRequired = from.kind.startsWith("require");
      return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

/**
 * Evaluates the module as drizzle-kit does: in the config's folder, with the variables of the `.env` there. In a
 * process of its own, because that .env must not become this command's environment, nor what a config
 * prints this command's result. Of the config, only what counts here leaves that process.
 */
async function evaluateApart(code: string, file: string, env: Needs["env"]): Promise<unknown> {
  const cwd = dirname(file);
  const command = {
    program: execPath,
    args: ["--input-type=module", "--eval", program(file)],
    cwd,
    env: { ...envFileIn(cwd), ...env },
    input: { text: code },
  };
  const limit = AbortSignal.timeout(longestMs);
  const { stdout, ...end } = await runChild(command, { signal: limit });
  const answer = parseAnswer(stdout.toString());
  if (answer === undefined) {
    throw limit.aborted
      ? new Unevaluated("endless", "it does not come to an end")
      : new Unevaluated("ends-process", `it ends the process, which ${describeEnd(end)}`);
  }
  if (answer.message === undefined) return answer.config;
  throw new Unevaluated("not-evaluated", `it fails when it is evaluated: ${answer.message}`);
}

class Unevaluated extends Error {
  readonly problem: DrizzleProblem;
  constructor(problem: DrizzleProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** The last line, unless the config has ended the process before it was written. */
function parseAnswer(text: string): { config?: unknown; message?: string } | undefined {
  try {
    return JSON.parse(text.slice(text.lastIndexOf("\n")));
  } catch {
    return undefined;
  }
}

/**
 * Evaluates the module that it is handed; its last line is the result. What a config may take for granted
 * under drizzle-kit, which loads it as CommonJS, is there.
 */
function program(file: string): string {
  const [at, folder] = [file, dirname(file)].map((text) => JSON.stringify(text));
  return `
    import { readFileSync, writeSync } from "node:fs";
    import { createRequire } from "node:module";
    import { exit } from "node:process";
    Object.assign(globalThis, { require: createRequire(${at}), __filename: ${at}, __dirname: ${folder} });
    const answer = (value) => { writeSync(1, "\\n" + JSON.stringify(value)); exit(0); };
    const isObject = (value) => typeof value === "object" && value !== null;
    import("data:text/javascript;base64," + readFileSync(0).toString("base64")).then((loaded) => {
      const exported = loaded.default ?? loaded;
      const config = isObject(exported) ? (exported.default ?? exported) : exported;
      if (!isObject(config)) return answer({ config: null });
      const { dialect, out, migrations } = config;
      const { schema, table } = migrations ?? {};
      answer({ config: { dialect, out, migrations: { schema, table } } });
    }).catch((error) => answer({ message: String(error?.message ?? error) }));`;
}

function envFileIn(folder: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(join(folder, ".env"), "utf8"));
  } catch {
    return {};
  }
}
