import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeFolder } from "../../runtime/io/home-folder.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type DeployStep, stepNames, type Unfinished } from "../unfinished.ts";

/** The stage that a journal is of. */
export interface JournalKey {
  projectId: string;
  stage: string;
}

/** For the hint of a step that failed. */
export interface Aftermath {
  /** A sentence on what of the stage there is; an interrupt says itself what it leaves. */
  inPlace: () => string;
  /** How to go on, in a sentence. */
  next: string;
}

/**
 * One file a stage, while a command is at work on it. Every step looks for itself what is there, so nothing depends on
 * the file: it says what was under way when a run was cut off.
 */
export interface Journal {
  /** What an earlier run has left. */
  readonly before: Unfinished | undefined;
  /** Notes the step before it begins; a failure says which it was, and the `aftermath`: what is in place, how to go on. */
  step<T>(step: DeployStep, aftermath: Aftermath, work: () => Promise<T>): Promise<T>;
  /**
   * The first one, which may find that the stage is somebody else's: then it is as if this run had not been. The stage
   * must not look unfinished, nor as if `down` were the answer.
   */
  firstStep<T>(step: DeployStep, aftermath: Aftermath, work: () => Promise<T>): Promise<T>;
  /** All is done, and nothing is left to say. */
  close(): Promise<void>;
}

export async function openJournal(
  { home }: Pick<Runtime, "home">,
  key: JournalKey,
  command: Unfinished["command"],
): Promise<Journal> {
  await homeFolder(home, "deploy", key.projectId);
  const file = fileOf(home, key);
  const before = await read(file);
  const startedAt = new Date().toISOString();
  const write = (entry: Unfinished) => writeFileAtomic(file, `${JSON.stringify(entry)}\n`);
  const close = () => rm(file, { force: true });
  return {
    before,
    step: async (step, aftermath, work) => {
      await write({ command, step, startedAt });
      try {
        return await work();
      } catch (cause) {
        throw stepFailed(toDsError(cause), { stage: key.stage, step, aftermath });
      }
    },
    firstStep: async (step, aftermath, work) => {
      await write({ command, step, startedAt });
      try {
        return await work();
      } catch (cause) {
        const error = toDsError(cause);
        if (error.code !== "CONFLICT" && error.code !== "REFUSED") {
          throw stepFailed(error, { stage: key.stage, step, aftermath });
        }
        await (before ? write(before) : close());
        throw error;
      }
    },
    close,
  };
}

/** What a run on this machine has left unfinished; undefined when none did. */
export const unfinished = (
  { home }: Pick<Runtime, "home">,
  key: JournalKey,
): Promise<Unfinished | undefined> => read(fileOf(home, key));

const fileOf = (home: string, { projectId, stage }: JournalKey) =>
  join(home, "deploy", projectId, `${stage}.json`);

async function read(file: string): Promise<Unfinished | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Unfinished;
  } catch {
    return undefined;
  }
}

function stepFailed(
  error: DsError,
  { stage, step, aftermath }: { stage: string; step: DeployStep; aftermath: Aftermath },
): DsError {
  // A migrator's report would otherwise become the whole answer.
  const { report, ...details } = error.details;
  const { inPlace, next } = aftermath;
  const stands = error.code === "INTERRUPTED" ? next : `${inPlace()} ${next}`;
  return error.with({
    message: `stage ${stage}, ${stepNames[step]}: ${error.message}`,
    hint: [error.hint, stands].filter((hint) => hint !== undefined).join("\n"),
    details: { ...details, ...(report ? { migrations: report } : {}), stage, step },
  });
}
