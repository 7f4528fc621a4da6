import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

// Runs the steps of a composite action as a runner does, as far as action.yml needs it: expressions, `if`, `env`, outputs.

interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  shell?: string;
  "working-directory"?: string;
  env?: Record<string, string>;
}

export interface Action {
  inputs: Record<string, { default?: string; required?: boolean }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
}

export const readAction = (file: string): Action => parse(readFileSync(file, "utf8"));

interface Job {
  inputs: Record<string, string>;
  /** `github.…` */
  github: Record<string, unknown>;
  env: Record<string, string | undefined>;
  cwd: string;
  /** For files of the runner's own. */
  scratch: string;
}

export interface ActionRun {
  status: number;
  /** Each step that was not skipped, with its exit status; undefined for one of another action's. */
  steps: { name: string; status: number | undefined; env: Record<string, string> }[];
  outputs: Record<string, string>;
  log: string;
}

export async function runAction(action: Action, job: Job): Promise<ActionRun> {
  const defaults = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: value = "" }]) => [name, value]),
  );
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const run: ActionRun = { status: 0, steps: [], outputs: {}, log: "" };
  const scope = () => ({
    inputs: { ...defaults, ...job.inputs },
    github: job.github,
    env: job.env,
    steps,
    failed: run.status !== 0,
  });
  const inputs: Record<string, string> = scope().inputs;
  for (const [name, value] of Object.entries(inputs)) inputs[name] = filled(value, scope());
  job.inputs = inputs;
  for (const step of action.runs.steps) {
    if (!isWanted(step.if, scope())) continue;
    const name = step.name ?? step.uses ?? "";
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([key, value]) => [key, filled(value, scope())]),
    );
    if (step.run === undefined) {
      run.steps.push({ name, status: undefined, env });
      continue;
    }
    const output = join(job.scratch, `output-${run.steps.length}`);
    writeFileSync(output, "");
    const { status, text } = await bash(step.run, {
      cwd: join(job.cwd, filled(step["working-directory"] ?? ".", scope())),
      env: { ...job.env, ...env, GITHUB_OUTPUT: output },
    });
    run.log += `--- ${name}\n${text}`;
    run.steps.push({ name, status, env });
    if (step.id !== undefined) steps[step.id] = { outputs: outputsIn(output) };
    if (status !== 0 && run.status === 0) run.status = status;
  }
  for (const [name, { value }] of Object.entries(action.outputs)) {
    run.outputs[name] = filled(value, scope());
  }
  return run;
}

type Scope = Record<string, unknown>;

/** Without a status function in it, `if` means success, too. */
function isWanted(condition: string | undefined, scope: Scope): boolean {
  const text = (condition ?? "true").replace(/^\$\{\{|\}\}$/g, "");
  if (!/\b(?:always|cancelled|failure|success)\(\)/.test(text) && scope.failed) return false;
  return Boolean(evaluate(text, scope));
}

const filled = (text: string, scope: Scope): string =>
  String(text).replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) =>
    String(evaluate(expression, scope) ?? ""),
  );

/** GitHub's expressions, as far as they mean the same in JavaScript once names are looked up. */
function evaluate(expression: string, scope: Scope): unknown {
  const names = expression.replace(
    /'[^']*'|\b(?:inputs|github|env|steps)(?:\.[\w-]+)+/g,
    (found) =>
      found.startsWith("'")
        ? found
        : `(${found
            .split(".")
            .map((part, at) => (at === 0 ? part : `["${part}"]`))
            .join("?.")} ?? '')`,
  );
  const calls = names
    .replaceAll("cancelled()", "false")
    .replaceAll(/(?<![=!])==(?!=)/g, "===")
    .replaceAll(/!=(?!=)/g, "!==");
  return new Function("inputs", "github", "env", "steps", `return (${calls});`)(
    scope.inputs,
    scope.github,
    scope.env,
    scope.steps,
  );
}

function outputsIn(file: string): Record<string, string> {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name = "", value = ""] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
      return name === "" ? [] : [[name, value]];
    }),
  );
}

function bash(
  script: string,
  { cwd, env }: { cwd: string; env: Record<string, string | undefined> },
): Promise<{ status: number; text: string }> {
  return new Promise((done, failed) => {
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
      cwd,
      env,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    child.on("error", failed);
    child.on("close", (status) => done({ status: status ?? -1, text }));
  });
}
