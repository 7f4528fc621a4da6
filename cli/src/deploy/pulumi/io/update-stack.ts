import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../../errors/ds-error.ts";
import { changesSomething, resourceSummary } from "../output.ts";
import type { Patience, StackConfig, StackUpdate } from "../update.ts";
import { locksOf, removeAbandoned } from "./locks.ts";
import type { Program } from "./program.ts";

/** How Pulumi is called for something of a stack that takes its lock. */
interface Update {
  stage: string;
  /** Begins the sentence of a failure. */
  what: string;
  args: string[];
}

const retryMs = 1_000;

/** Makes the stack; false when it is there. */
export async function createStack(
  program: Program,
  stage: string,
  patience: Patience,
): Promise<boolean> {
  const { secretsProvider } = program.infra;
  const args = [
    ...["stack", "init", await program.fullName(stage), "--no-select"],
    ...(secretsProvider ? ["--secrets-provider", secretsProvider] : []),
  ];
  try {
    const update = { stage, what: `creating the stack ${stage}`, args };
    await runUnlocked(program, update, patience);
    return true;
  } catch (error) {
    if (error instanceof DsError && error.reason === "STACK_EXISTS") return false;
    throw error;
  }
}

export async function upStack(
  program: Program,
  stage: string,
  config: StackConfig,
  patience: Patience,
): Promise<StackUpdate> {
  const named = ["--stack", await program.fullName(stage)];
  const args = ["up", "--yes", "--skip-preview", ...named, ...settings(program, config)];
  const update = { stage, what: `bringing up the stack ${stage}`, args };
  return runUnlocked(program, update, patience);
}

/** Takes down what the stack has brought up; the stack itself stays. */
export async function destroyStack(
  program: Program,
  stage: string,
  patience: Patience,
): Promise<StackUpdate> {
  const args = ["destroy", "--yes", "--skip-preview", "--stack", await program.fullName(stage)];
  const update = { stage, what: `destroying what the stack ${stage} has`, args };
  return runUnlocked(program, update, patience);
}

/** Of a stack that exists. Not even its configuration file is changed. */
export async function previewStack(
  program: Program,
  stage: string,
  config: StackConfig,
): Promise<StackUpdate> {
  // Pulumi writes what it is given into the stack's file: here it gets a copy of it.
  const scratch = await mkdtemp(join(tmpdir(), "ds-preview-"));
  const copy = join(scratch, "Pulumi.yaml");
  try {
    await copyFile(join(program.infra.folder, `Pulumi.${stage}.yaml`), copy).catch(() => {});
    const { text } = await program.pulumi.run(`previewing the stack ${stage}`, [
      ...["preview", "--stack", await program.fullName(stage), "--config-file", copy],
      ...settings(program, config),
    ]);
    return updateOf(text);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const settings = ({ project }: Program, config: StackConfig) =>
  Object.entries(config).flatMap(([key, value]) => ["--config", `${project}:${key}=${value}`]);

function updateOf(text: string): StackUpdate {
  const summary = resourceSummary(text);
  return { changed: changesSomething(summary), summary };
}

/** Repeats what another update stands in the way of. */
async function runUnlocked(
  program: Program,
  { stage, what, args }: Update,
  { waitMs, listener }: Patience,
): Promise<StackUpdate> {
  let giveUpAt: number | undefined;
  for (;;) {
    try {
      const { text } = await program.pulumi.run(what, args, (line) => listener.line(line));
      return updateOf(text);
    } catch (error) {
      if (!(error instanceof DsError) || error.reason !== "STACK_LOCKED") throw error;
      if (await isFreed(program, stage)) continue;
      // The time runs from here: Pulumi alone takes a second or more to say that it cannot.
      if (giveUpAt === undefined) listener.waiting();
      giveUpAt ??= Date.now() + waitMs;
      if (Date.now() > giveUpAt) throw error;
      await sleep(retryMs, undefined, { signal: program.signal });
    }
  }
}

/** True when every lock was one of a Pulumi that died here, and is taken away. */
async function isFreed(program: Program, stage: string): Promise<boolean> {
  const folder = await program.backendFolder();
  if (folder === undefined) return false;
  return removeAbandoned(await locksOf(folder, await program.fullName(stage)));
}
