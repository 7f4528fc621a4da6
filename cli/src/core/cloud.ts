/**
 * What a cloud stage has outside the database: its entry in the secret store and its Pulumi stack,
 * and what its branch carries to find both again.
 */

/** An entry of a secret store, without its value. */
export interface Secret {
  /** The exact name, such as `/ds/devstride/ci-pr-142/database`. */
  name: string;
  /** ISO 8601, where the store knows it. */
  createdAt: string | undefined;
  changedAt: string | undefined;
  /** Set while it waits for its deletion, and can still be restored. */
  deletedAt: string | undefined;
}

/** A Pulumi stack as its backend lists it. */
export interface Stack {
  /** Name within its Pulumi project: the stage's name. */
  name: string;
  /** `organization/devstride-stage/ci-pr-142`: unique within the backend. */
  fullName: string;
  /** Without the root stack's own entry: 0 is an empty stack. Undefined: the backend did not say. */
  resourceCount: number | undefined;
  /** ISO 8601; undefined for a stack that was never updated. */
  lastUpdate: string | undefined;
  /** An update runs, or a lock is held. */
  busy: boolean;
  /** Where a person looks at it; only some backends have that. */
  url: string | undefined;
}

/** What `ds deploy up` writes on the branch, as the API's annotation: keys and values are text. */
export interface StageStamp {
  stage: string;
  owner: string;
  gitBranch: string | undefined;
  /** Number of the pull request. */
  pullRequest: number | undefined;
  /** Full name of the stack, and the backend that holds it (`file://...`, `s3://...`, `https://...`). */
  stack: string | undefined;
  stackBackend: string | undefined;
  secret: string | undefined;
}
