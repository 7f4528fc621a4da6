import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { readRegularFile } from "../../lib/io/regular-file.ts";
import { type Environment, withoutCredentials } from "../../lib/process/environment.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import {
  type DrizzleProblem,
  drizzleSettings,
  shortReason,
  type Unusable,
} from "../drizzle-settings.ts";
import { holdsPlaceholder, placeholderSets } from "../placeholders.ts";
import { evaluateApart, Unevaluated } from "./evaluate-apart.ts";
import { nearest } from "./find-up.ts";
import { requireOwn } from "./require-own.ts";

export interface DrizzleConfig {
  file: string;
  /** The migrations folder. */
  folder: string;
  schema: string;
  table: string;
}

/** What reading a drizzle config takes of a command. */
export interface DrizzleReader extends Pick<Runtime, "cwd" | "env" | "home"> {
  signal?: AbortSignal;
}

/**
 * Reads what counts of a drizzle config; refuses one that cannot be used, with what to do about it.
 *
 * @param names variables with this project's connection strings
 */
export async function readDrizzleConfig(
  file: string,
  context: DrizzleReader,
  names: readonly string[] = [],
): Promise<DrizzleConfig> {
  requireOwn(file, context.env);
  const refusal = ({ problem, unusable }: Unusable) =>
    new DsError("CONFIG_INVALID", `${shownPath(file, context.cwd)} cannot be used: ${unusable}`, {
      reason: "DRIZZLE_CONFIG_UNUSABLE",
      hint: "Mend it, or write a ds.config.ts, which then counts instead: ds init",
      details: { problem },
    });
  const value = await evaluate(file, context, names).catch((error: Error) => {
    // A home that cannot be written, or no esbuild, is not the config's fault.
    if (error instanceof DsError && !isOfConfig(error)) throw error;
    const problem = error instanceof Unevaluated ? error.problem : "not-compiled";
    throw refusal({ problem, unusable: shortReason(error.message) });
  });
  const settings = drizzleSettings(value);
  if ("unusable" in settings) throw refusal(settings);
  const { out, ...ledger } = settings;
  // drizzle-kit takes it from the folder it runs in, which is this file's when it finds the file by itself.
  return { file, folder: resolve(dirname(file), out), ...ledger };
}

const isOfConfig = ({ code, reason }: DsError) =>
  code === "CONFIG_INVALID" && reason !== "NOT_A_REGULAR_FILE";

/** As drizzle-kit does it: with the variables of the `.env` beside it. */
async function evaluate(
  file: string,
  { env: own, home, signal }: DrizzleReader,
  names: readonly string[],
): Promise<unknown> {
  if (file.endsWith(".json")) return JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
  const { drizzleModule } = await import("./drizzle-module.ts");
  const code = await drizzleModule(file, home);
  const env = { ...variablesIn(join(dirname(file), ".env")), ...withoutCredentials(own) };
  const attempt = (more: Environment) =>
    evaluateApart(code, { file, env: { ...env, ...more }, signal });
  try {
    return await attempt({});
  } catch (error) {
    if (!mayLackVariables(error)) throw error;
    const example = nearest(dirname(file), exampleFiles);
    const sets = placeholderSets({ env, names, example: example ? variablesIn(example) : {} });
    return await firstThatWorks(
      sets.map((set) => () => attempt(set)),
      error,
    );
  }
}

/** What the other files of a project's environment are called that show what `.env` is to have. */
const exampleFiles = ["example", "sample", "template", "dist"].map((ending) => `.env.${ending}`);

const mayLackVariables = (error: unknown): error is Unevaluated =>
  error instanceof Unevaluated && lacking.includes(error.problem);
const lacking: readonly DrizzleProblem[] = ["not-evaluated", "ends-process"];

/** A config that writes a placeholder into what counts has not said what that is. */
async function firstThatWorks(
  [attempt, ...others]: readonly (() => Promise<unknown>)[],
  failure: Unevaluated,
): Promise<unknown> {
  if (attempt === undefined) throw failure;
  try {
    const value = await attempt();
    if (!holdsPlaceholder(value)) return value;
  } catch (error) {
    if (!mayLackVariables(error)) throw error;
    return firstThatWorks(others, error);
  }
  throw failure;
}

function variablesIn(file: string): Record<string, string | undefined> {
  try {
    return parseEnv(readRegularFile(file)?.toString("utf8") ?? "");
  } catch (error) {
    if (error instanceof DsError) throw error;
    return {};
  }
}
