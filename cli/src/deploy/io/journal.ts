import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { DeployStep, Unfinished } from "../unfinished.ts";

/**
 * One file a stage, while a command is at work on it. Every step looks for itself what is there, so nothing depends on
 * the file: it says what was under way when a run was cut off.
 */
export interface Journal {
  /** What an earlier run has left. */
  readonly before: Unfinished | undefined;
  at(step: DeployStep): Promise<void>;
  /** As if this run had not been: it was refused, and has changed nothing. */
  withdraw(): Promise<void>;
  /** All is done, and nothing is left to say. */
  close(): Promise<void>;
}

export async function openJournal(
  { home }: Pick<Runtime, "home">,
  projectId: string,
  stage: string,
  command: Unfinished["command"],
): Promise<Journal> {
  const file = join(await homeFolder(home, "deploy", projectId), `${stage}.json`);
  const before = await read(file);
  const startedAt = new Date().toISOString();
  const write = (entry: Unfinished) => writeFileAtomic(file, `${JSON.stringify(entry)}\n`);
  const close = () => rm(file, { force: true });
  return {
    before,
    at: (step) => write({ command, step, startedAt }),
    withdraw: () => (before ? write(before) : close()),
    close,
  };
}

/** What a run on this machine has left unfinished; undefined when none did. */
export function unfinished(
  { home }: Pick<Runtime, "home">,
  projectId: string,
  stage: string,
): Promise<Unfinished | undefined> {
  return read(join(home, "deploy", projectId, `${stage}.json`));
}

async function read(file: string): Promise<Unfinished | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Unfinished;
  } catch {
    return undefined;
  }
}
