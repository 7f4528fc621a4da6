import type { Conflict } from "../../migrations/conflicts/conflicts.ts";
import type { Finding } from "../../migrations/findings/finding.ts";
import type { ChangedRows, StatementReport } from "../../migrations/rehearsal/effects.ts";
import type { LoadReport } from "../../migrations/rehearsal/load-report.ts";
import type { SchemaChange } from "../../postgres/schema/diff.ts";

/** What a comment tells of a pull request. */
export interface CommentFacts {
  /** Its name tells the comments of several projects of one repository apart. */
  project: string;
  /** The commit that it is about; undefined where that is not known. */
  commit: string | undefined;
  stage: {
    name: string;
    /** Its branch, where it is up. */
    branch: string | undefined;
    url: string | undefined;
  };
  migrations: MigrationFacts;
}

export type MigrationFacts =
  /** The project has none. */
  | { kind: "none" }
  /** Another tool's, of which nobody knows what is pending. */
  | { kind: "command"; command: string }
  /** The folder is in disorder, or an applied migration was changed. */
  | { kind: "refused"; says: string }
  /** There is no database to look into. */
  | { kind: "no-database"; why: string; added: FileFact[] }
  | KnownMigrations;

export interface FileFact {
  name: string;
  file: string;
}

export interface KnownMigrations {
  kind: "known";
  /** The branch that they are pending on, on whose copies they were tried. */
  on: string;
  pending: PendingMigration[];
  warnings: string[];
  findings: Finding[];
  rehearsal: RehearsalFacts | undefined;
  /** What the migrations change; undefined where they were not run. */
  schema: SchemaChange[] | undefined;
  /** How other open pull requests' migrations go together with these. */
  siblings: SiblingFacts[];
  /** Of others, and why; without numbers: of all. */
  notCompared: { numbers: readonly number[]; left?: number; why: string }[];
}

interface PendingMigration extends FileFact {
  /** Older than the newest applied one. */
  late: boolean;
  /** The base branch has it, too: it is no part of the pull request. */
  inBase: boolean;
}

export interface RehearsalFacts {
  /** Undefined: it succeeded. */
  failure: string | undefined;
  statements: StatementReport[];
  load?: LoadReport | undefined;
  rows?: ChangedRows | undefined;
}

/** An open pull request with migrations of its own. */
export interface SiblingFacts {
  number: number;
  /** Its git branch. */
  ref: string;
  outcome: "ok" | "conflict";
  theirs: string[];
  conflict: Conflict | null;
  notes: string[];
}

/** For who reads `--json`. */
export function factsDocument({ stage, migrations }: CommentFacts) {
  const known = migrations.kind === "known" ? migrations : undefined;
  return {
    stage: { name: stage.name, branch: stage.branch ?? null, url: stage.url ?? null },
    migrations: {
      state: migrations.kind,
      on: known?.on ?? null,
      pending: known?.pending.map(({ name }) => name) ?? [],
      findings: known?.findings ?? [],
      rehearsal:
        known?.rehearsal === undefined
          ? ("not-run" as const)
          : known.rehearsal.failure === undefined
            ? ("succeeded" as const)
            : ("failed" as const),
      schemaChanges: known?.schema?.length ?? null,
      pullRequests: (known?.siblings ?? []).map(({ number, outcome }) => ({ number, outcome })),
    },
  };
}
