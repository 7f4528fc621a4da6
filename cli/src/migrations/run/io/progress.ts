import type { Connect } from "../../../postgres/io/session.ts";
import type { ServerMessage } from "../../failure/server-message.ts";
import type { Migration } from "../../folder/migration.ts";
import { recordText } from "../../ledger/io/ledger.ts";
import {
  forgetStepsText,
  recordStepText,
  type StepRow,
  stepHash,
} from "../../ledger/io/steps-table.ts";
import type { LedgerName } from "../../ledger/ledger-name.ts";
import type { Step } from "../../sql/steps.ts";
import type { RunText } from "./session.ts";

export interface RunOptions {
  ledger: LedgerName;
  /** The ledger has the columns of Drizzle 1.x. */
  named: boolean;
  applicationName: string;
  connect: Connect;
  /** Milliseconds after which a lock is no longer tried for. */
  wait: number;
  signal: AbortSignal;
  /** Names of the migrations that this run has committed. */
  committed: string[];
  onNote(text: string): void;
  /** The server has something to say while the migration's statements run. */
  onMessage(migration: Migration, message: ServerMessage): void;
  runText?: RunText | undefined;
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
}

/** How far an attempt at a step has come. */
export interface Progress {
  /** Statements of the step that have succeeded. */
  completed: number;
  /** All of them have; what is left is our note of it, and the commit. */
  committing: boolean;
  /** The last thing that was sent was a note of ours. */
  noting: boolean;
}

/** What notes the end of a step, in the step's transaction or one of its own; with the last one the migration's. */
export function noteText(work: Work, { ledger, named }: LedgerOptions): string {
  const { migration, step, index, last, noted } = work;
  if (last) return appliedText(migration, noted, { ledger, named });
  const row = { migration: migration.ledgerName, step: index, hash: stepHash(step) };
  return recordStepText(ledger, { ...row, done: true, seen: [] });
}

/** @param noted the side table knows of the migration */
export function appliedText(
  migration: Migration,
  noted: boolean,
  { ledger, named }: LedgerOptions,
): string {
  const record = recordText(ledger, named, migration);
  return noted ? `${record}; ${forgetStepsText(ledger, migration.ledgerName)}` : record;
}

type LedgerOptions = Pick<RunOptions, "ledger" | "named">;
