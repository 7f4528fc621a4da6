import type { Client } from "pg";
import type { ServerError } from "../../../postgres/server-error.ts";
import { offsetOfCharacter } from "../../../postgres/sql-place.ts";
import type { RunningStep } from "../../failure/running-step.ts";
import type { ServerMessage } from "../../failure/server-message.ts";
import type { Migration } from "../../folder/migration.ts";
import { recordText } from "../../ledger/io/ledger.ts";
import {
  forgetStepsText,
  recordStepText,
  type StepRow,
  stepHash,
} from "../../ledger/io/steps-table.ts";
import type { Part } from "../../sql/pieces.ts";
import type { Step } from "../../sql/steps.ts";
import type { MigrationRun } from "./migration-run.ts";
import type { SendSql } from "./session.ts";

/** A session that holds the migration lock, and what it works on. */
export interface MigratorSession {
  client: Client;
  run: MigrationRun;
  /** The ledger has the columns of Drizzle 1.x. */
  named: boolean;
  /** Names of the migrations that this run has committed. */
  committed: readonly string[];
  send: SendSql;
  /** The server has something to say while the migration's statements run. */
  hear(migration: Migration, message: ServerMessage): void;
}

export interface Work {
  migration: Migration;
  step: Step;
  index: number;
  /** With it the migration is applied. */
  last: boolean;
  /** The side table knows of the migration. */
  noted: boolean;
  /** Left by an earlier run that began this step and did not see its end. */
  row: StepRow | undefined;
  /** Milliseconds since 1970 after which no lock is tried for any more. */
  deadline: number;
}

/** How far an attempt at a step has come. */
interface Progress {
  /** Statements of the step that have succeeded. */
  completed: number;
  /** All of them have; what is left is our note of it, and the commit. */
  committing: boolean;
  /** The last thing that was sent was a note of ours. */
  noting: boolean;
}

/** One try at a step. */
export interface Attempt {
  work: Work;
  progress: Progress;
  /** What makes the session as good as new. */
  freshSession: string;
}

export function runningStep(
  { committed, run }: MigratorSession,
  { migration, step }: Pick<Work, "migration" | "step">,
): RunningStep {
  return { migration, step, committed, command: run.command };
}

/**
 * Sends a step part by part, and passes on what the server says meanwhile; not of our own statements. An error
 * has its place in the file.
 */
export async function sendStep(
  { client, hear, send }: MigratorSession,
  { work, progress }: Attempt,
  parts = work.step.parts,
): Promise<void> {
  const { migration } = work;
  const listener = (message: ServerMessage) => hear(migration, message);
  client.on("notice", listener);
  try {
    for (const part of parts) {
      await send(client, part, progress, migration).catch((error) => {
        throw placedIn(part, error);
      });
    }
  } finally {
    client.off("notice", listener);
  }
}

/** The server counts characters from the beginning of what was sent to it. */
function placedIn({ start, text }: Part, error: ServerError): ServerError {
  const { position } = error;
  if (position === undefined) return error;
  return Object.assign(error, { offset: start + offsetOfCharacter(text, Number(position)) });
}

/** What notes the end of a step, in the step's transaction or one of its own; with the last one the migration's. */
export function noteText(session: MigratorSession, work: Work): string {
  const { migration, step, index, last, noted } = work;
  if (last) return appliedText(session, migration, noted);
  const row = { migration: migration.ledgerName, step: index, hash: stepHash(step) };
  const { ledger } = session.run.migrations;
  return recordStepText(ledger, { ...row, done: true, seen: [] });
}

/** @param noted the side table knows of the migration */
export function appliedText(
  { named, run }: MigratorSession,
  migration: Migration,
  noted: boolean,
): string {
  const { ledger } = run.migrations;
  const record = recordText(ledger, named, migration);
  return noted ? `${record}; ${forgetStepsText(ledger, migration.ledgerName)}` : record;
}
