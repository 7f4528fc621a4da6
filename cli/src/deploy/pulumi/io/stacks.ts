import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Stack } from "../stack.ts";
import type { Patience, StackConfig, StackUpdate } from "../update.ts";
import { findStack, listStacks } from "./list-stacks.ts";
import { checkPassphrase } from "./passphrase.ts";
import { openProgram, type Program } from "./program.ts";
import { createStack, destroyStack, previewStack, upStack } from "./update-stack.ts";

/** The stacks of the configured Pulumi program, one a cloud stage and named like it. */
export interface Stacks extends Pick<Program, "backend" | "fullName"> {
  list(): Promise<Stack[]>;
  /** The stage's stack; undefined when there is none. */
  find(stage: string): Promise<Stack | undefined>;
  /** Refuses where Pulumi, its login or what opens the stack's secrets is missing; changes nothing. */
  checkReady(stage: string): Promise<void>;
  /** The program has packages that are not installed. */
  lacksPackages(): Promise<boolean>;
  /** Installs them, and the plugins. */
  install(onLine: (line: string) => void): Promise<void>;
  /** Makes the stack; false when it is there. */
  create(stage: string, patience: Patience): Promise<boolean>;
  /** Of a stack that exists. Not even its configuration file is changed. */
  preview(stage: string, config: StackConfig): Promise<StackUpdate>;
  up(stage: string, config: StackConfig, patience: Patience): Promise<StackUpdate>;
  /** Values that the program marks as secret are `[secret]`. */
  outputs(stage: string): Promise<Record<string, unknown>>;
  /** Takes down what the stack has brought up; the stack itself stays. */
  destroy(stage: string, patience: Patience): Promise<StackUpdate>;
  /** The empty stack, its history and its configuration file. */
  remove(stage: string): Promise<void>;
}

/** Undefined where no infra folder is configured. Nothing is started before something is asked. */
export async function openStacks(
  context: Pick<Runtime, "env" | "output" | "signal">,
  { infra }: ProjectConfig,
): Promise<Stacks | undefined> {
  if (!infra) return undefined;
  const program = await openProgram(context, infra);
  const { pulumi, fullName } = program;
  // Pulumi itself comes to an end when it is interrupted, and has done a part by then.
  const noted = async <T>(stage: string, done: string, part: string, work: () => Promise<T>) => {
    context.signal.throwIfAborted();
    const change = {
      done: `the stack ${stage} was ${done}`,
      unclear: `the stack ${stage} may have been ${part}`,
      stopped: `the stack ${stage} may have been ${part}`,
    };
    return context.output.changes.during(change, work);
  };
  return {
    backend: program.backend,
    fullName,
    checkReady: async (stage) => {
      await program.backend();
      await checkPassphrase(context, program, stage);
    },
    list: () => listStacks(program),
    find: (stage) => findStack(program, stage),
    lacksPackages: async () =>
      (await exists(join(infra.folder, "package.json"))) &&
      !(await exists(join(infra.folder, "node_modules"))),
    install: async (onLine) => {
      await pulumi.run(`installing the packages of ${infra.folder}`, ["install"], onLine);
    },
    create: (stage, patience) =>
      noted(stage, "created", "created in part", () => createStack(program, stage, patience)),
    preview: (stage, config) => previewStack(program, stage, config),
    up: (stage, config, patience) =>
      noted(stage, "brought up", "brought up in part", () =>
        upStack(program, stage, config, patience),
      ),
    outputs: async (stage) => {
      const { stdout } = await pulumi.run(`reading the outputs of the stack ${stage}`, [
        ...["stack", "output", "--json", "--stack", await fullName(stage)],
      ]);
      return JSON.parse(stdout) as Record<string, unknown>;
    },
    destroy: (stage, patience) =>
      noted(stage, "destroyed", "destroyed in part", () => destroyStack(program, stage, patience)),
    remove: (stage) =>
      noted(stage, "removed", "removed in part", async () => {
        await pulumi.run(`removing the stack ${stage}`, [
          ...["stack", "rm", "--yes", "--stack", await fullName(stage)],
        ]);
      }),
  };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

export interface HasStacks {
  /** Pulumi's stacks; undefined where the configuration names no infra folder. */
  stacks(): Promise<Stacks | undefined>;
}
