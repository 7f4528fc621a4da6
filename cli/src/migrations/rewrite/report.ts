/** A statement that is written anew. Part of `--json`: fields are added, not changed. */
export interface Rewrite {
  migration: string;
  file: string;
  /** Of the statement in the file as it was, from 1. */
  line: number;
  /** What was found there. */
  rule: string;
  says: string;
}

/** A statement that stays as it is, though a rule finds something. */
export interface LeftAlone {
  migration: string;
  file: string;
  line: number;
  rule: string;
  because: string;
}

/** A migration that is for a later deployment. */
export interface Deployment {
  /** Whose change it ends. */
  migration: string;
  /** Of its file, without its ending. */
  name: string;
  /** When it can be run. */
  when: string;
  sql: string;
}

/** What `--fix` has done. */
export interface FixReport {
  status: "written" | "nothing";
  rewrites: Rewrite[];
  left: LeftAlone[];
  /** In the order in which they are to be run; each is in a file outside of the migrations folder. */
  deployments: (Deployment & { file: string })[];
  /** The files that were changed, with the difference line by line. */
  files: { migration: string; file: string; diff: string }[];
}
