import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { execPath } from "node:process";
import { DsError } from "../../errors/ds-error.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { runChild } from "../../lib/process/io/run-child.ts";
import { describeEnd } from "../../lib/process/run-end.ts";
import type { DrizzleProblem } from "../drizzle-settings.ts";
import { moduleMark } from "./drizzle-module.ts";

/** A config that is evaluated in 30 ms elsewhere may take minutes on a busy machine, but not of the processor. */
const limits = { busyMs: 60_000, idleMs: 60_000 };

export class Unevaluated extends Error {
  readonly problem: DrizzleProblem;
  constructor(problem: DrizzleProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

interface Answer {
  config?: unknown;
  message?: string;
}

/**
 * Evaluates a drizzle config in its folder, in a process of its own: what it prints must not become this command's
 * result, nor what it sets this command's environment. Of the config, only what counts here leaves that process.
 */
export async function evaluateApart(
  code: string,
  { file, env, signal }: { file: string; env: Environment; signal?: AbortSignal | undefined },
): Promise<unknown> {
  const mark = randomUUID();
  const command = {
    program: execPath,
    args: ["--input-type=module", "--eval", program(file, mark)],
    cwd: dirname(file),
    env,
    input: { text: code },
    // A terminal's Ctrl-C ends this command, which then ends it; it is not the config that ended.
    ownGroup: true,
  };
  const run = () =>
    runChild(command, { progress: limits, ...(signal === undefined ? {} : { signal }) });
  let { stdout, stderr, ...end } = await run();
  let answer = parseAnswer(stdout.toString(), mark);
  // No config ends itself by a signal: the system did, or a person.
  if (answer === undefined && end.signal !== null && !end.stuck && !signal?.aborted) {
    ({ stdout, stderr, ...end } = await run());
    answer = parseAnswer(stdout.toString(), mark);
  }
  if (answer === undefined) {
    if (signal?.aborted) throw new DsError("INTERRUPTED", "stopped");
    throw end.stuck
      ? new Unevaluated("endless", stuckText[end.stuck])
      : new Unevaluated(
          "ends-process",
          `it ends the process, which ${describeEnd(end)}${said(stderr)}`,
        );
  }
  if (answer.message === undefined) return answer.config;
  throw new Unevaluated("not-evaluated", `it fails when it is evaluated: ${answer.message}`);
}

const stuckText = {
  busy: `it has used ${limits.busyMs / 1000} s of processor time and was not done`,
  idle: `it waited for ${limits.idleMs / 1000} s for something that did not come`,
};

function said(stderr: Buffer): string {
  const text = stderr.toString().trim();
  return text === "" ? "" : `: ${text}`;
}

/** The line behind the mark, whatever the config has printed before it and prints at its end. */
function parseAnswer(text: string, mark: string): Answer | undefined {
  const line = text.split(`\n${mark} `)[1]?.split("\n")[0];
  if (line === undefined) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * Evaluates the module that it is handed, and writes the result behind the mark. What a config may take for granted
 * under drizzle-kit, which loads it as CommonJS, is there. A pipe that a config has printed to does not block any
 * more, so that an answer may have to wait until there is room in it.
 */
function program(file: string, mark: string): string {
  const [at, folder, esm] = [file, dirname(file), moduleMark].map((text) => JSON.stringify(text));
  return `
    import { readFileSync, writeSync } from "node:fs";
    import { createRequire } from "node:module";
    import { exit } from "node:process";
    import vm from "node:vm";
    const require = createRequire(${at});
    Object.assign(globalThis, { require, __filename: ${at}, __dirname: ${folder} });
    const isObject = (value) => typeof value === "object" && value !== null;
    const answer = (value) => {
      let rest = Buffer.from("\\n${mark} " + JSON.stringify(value) + "\\n");
      while (rest.length > 0) {
        try {
          rest = rest.subarray(writeSync(1, rest));
        } catch (error) {
          if (error.code !== "EAGAIN") throw error;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        }
      }
      exit(0);
    };
    const load = async (code) => {
      if (code.startsWith(${esm})) {
        return import("data:text/javascript;base64," + Buffer.from(code).toString("base64"));
      }
      const parameters = ["exports", "require", "module", "__filename", "__dirname"];
      const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER;
      const run = vm.compileFunction(code, parameters, { filename: ${at}, importModuleDynamically });
      const module = { exports: {} };
      run.call(module.exports, module.exports, require, module, ${at}, ${folder});
      return { default: module.exports };
    };
    load(readFileSync(0, "utf8")).then((loaded) => {
      const exported = loaded.default ?? loaded;
      const config = isObject(exported) ? (exported.default ?? exported) : exported;
      if (!isObject(config)) return answer({ config: null });
      const { dialect, out, migrations } = config;
      const { schema, table } = migrations ?? {};
      answer({ config: { dialect, out, migrations: { schema, table } } });
    }).catch((error) => answer({ message: String(error?.message ?? error) }));`;
}
