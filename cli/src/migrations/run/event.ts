import { plural } from "../../lib/format/plural.ts";
import { shownName } from "../../postgres/quote.ts";
import {
  type Blocker,
  describeBlockers,
  describeSession,
  type Session,
} from "../ledger/session.ts";
import type { MigrationWarning } from "../ledger/warning.ts";

/** What happens in a run that a person may want to know while it lasts. */
export type MigrationEvent =
  /** Another session holds the migration lock. */
  | { kind: "lock-wait"; holder: Session | undefined }
  /** An earlier run has committed so many statements of the migration. */
  | { kind: "resumed"; migration: string; statements: number }
  /** It has waited for others for a while. */
  | { kind: "blocked"; migration: string; blockers: readonly Blocker[] }
  /** An attempt was rolled back, and another one follows. */
  | {
      kind: "retried";
      migration: string;
      cause: "lock" | "deadlock";
      blockers: readonly Blocker[];
      attempt: number;
      attempts: number;
    }
  /** An index that an earlier attempt left half-built. */
  | { kind: "leftover-dropped"; migration: string; index: string }
  /** Rows that were changed in batches, which are committed. */
  | { kind: "filled"; migration: string; table: string; rows: number }
  | { kind: "warned"; warning: MigrationWarning }
  /** The server said something, less than a warning. */
  | { kind: "noticed"; migration: string; text: string }
  | { kind: "applied"; migration: string; milliseconds: number };

export type MigrationObserver = (event: MigrationEvent) => void;

/** The event in one line. */
export function eventText(event: MigrationEvent): string {
  switch (event.kind) {
    case "lock-wait":
      return `waiting for the migration lock: ${describeHolder(event.holder)} holds it`;
    case "resumed":
      return `${event.migration} goes on behind its first ${committedStatements(event.statements)}`;
    case "blocked":
      return `${event.migration} waits for ${describeBlockers(event.blockers)}`;
    case "retried": {
      const { attempt, attempts, blockers, cause, migration } = event;
      const why =
        cause === "deadlock"
          ? "and another session waited for each other"
          : `waits for a lock that ${describeBlockers(blockers)} holds`;
      return `${migration} ${why}; attempt ${attempt} of ${attempts} was rolled back, trying again`;
    }
    case "leftover-dropped":
      return `${event.migration}: dropped ${event.index}, which an earlier attempt left half-built`;
    case "filled":
      return `${event.migration}: ${shownName(event.table)}: ${plural(event.rows, "row")} changed in batches`;
    case "warned":
      return event.warning.text;
    case "noticed":
      return `${event.migration}: ${event.text}`;
    case "applied":
      return `${event.migration} (${event.milliseconds} ms)`;
  }
}

const describeHolder = (holder: Session | undefined): string =>
  holder === undefined ? "another process" : describeSession(holder);

const committedStatements = (count: number): string =>
  count === 1 ? "statement, which is committed" : `${count} statements, which are committed`;
