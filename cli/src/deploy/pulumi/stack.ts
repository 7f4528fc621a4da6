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
  /** An update runs, or a lock is held; undefined where the backend does not say. */
  busy: boolean | undefined;
  /** Where a person looks at it; only some backends have that. */
  url: string | undefined;
}
