import type { Extensions } from "../../extensions/io/extensions.ts";
import type { PointInTimeRecovery } from "../../pitr/io/point-in-time-recovery.ts";
import type { PostgresVersions } from "../../postgres/versions/io/postgres-versions.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { BackgroundWork } from "../../under-way/io/background-work.ts";
import type { BranchLocks } from "../../under-way/io/branch-locks.ts";
import type { Operations } from "../../under-way/io/operations.ts";
import type { BranchContents } from "./branch-contents.ts";
import type { BranchHistory } from "./branch-history.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { EndpointListeners } from "./endpoint-listeners.ts";
import type { Records } from "./records.ts";
import type { SettingsCheck } from "./settings-check.ts";

/** What transitions work with, by name. Only what puts the control plane together knows all of them. */
export interface Services {
  /** What exists. */
  catalog: Catalog;
  /** Lookups in it that refuse what is not there. */
  records: Records;
  /** Who is at work on which branch. */
  locks: BranchLocks;
  /** The log of what is done and was done. */
  operations: Operations;
  /** What goes on after its request was answered. */
  background: BackgroundWork;
  /** Data directories. */
  data: BranchData;
  /** The Postgres of each branch. */
  computes: ComputePool;
  /** The address of each endpoint. */
  listeners: EndpointListeners;
  /** What branches hold, as their Postgres says. */
  contents: BranchContents;
  /** The base backups of branches, which their past is made of. */
  history: BranchHistory;
  /** The past itself. */
  recovery: PointInTimeRecovery;
  /** Versions of Postgres, each with the fresh cluster that projects begin with. */
  postgres: PostgresVersions;
  /** What was added to Postgres. */
  extensions: Extensions;
  /** Refuses with 400 what Postgres would not start with. */
  settingsCheck: SettingsCheck;
  log: (line: string) => void;
}

/** The services that a transition takes. */
export type Takes<Name extends keyof Services> = Pick<Services, Name>;
