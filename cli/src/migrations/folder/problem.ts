import { DsError } from "../../errors/ds-error.ts";

/** What is wrong with the files of a migrations folder. */
export interface FolderProblem {
  reason:
    | "CONFLICT_MARKER"
    | "TAG_TWICE"
    | "FILE_MISSING"
    | "JOURNAL_MISSING"
    | "JOURNAL_UNREADABLE"
    | "OTHER_DIALECT"
    | "FORMATS_MIXED"
    | "NO_TIME"
    | "NOT_UTF8"
    | "TRANSACTION_CONTROL";
  /** As people name it. */
  file: string;
  /** Both count from 1. */
  line?: number;
  column?: number;
  /** The problem in words, beginning with the file. */
  text: string;
}

/** The folder cannot be read as a whole. */
export class FolderInvalid extends DsError {
  readonly problems: readonly FolderProblem[];

  constructor(path: string, problems: readonly FolderProblem[]) {
    const [first, ...more] = problems;
    super(
      "MIGRATION_REFUSED",
      more.length === 0
        ? `${first?.text}. Nothing was run.`
        : `The migrations folder ${path} has ${problems.length} problems, so nothing was run:\n${problems
            .map(({ text }) => `  - ${text}`)
            .join("\n")}`,
      {
        reason: "FOLDER_INVALID",
        hint: problems.some(isOfMerge)
          ? "After a git merge in which both sides generated a migration: ds db rebase"
          : "Repair the files, then run the command again.",
        details: {
          problems: problems.map(({ text }) => text),
          reasons: problems.map(({ reason }) => reason),
        },
      },
    );
    this.problems = problems;
  }
}

const isOfMerge = ({ reason }: FolderProblem): boolean => reason === "CONFLICT_MARKER";
