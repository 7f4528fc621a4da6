import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";

/** A temporary folder through which Postgres may pass when it runs under another user. */
export function makeFolder(): string {
  return new TemporaryFolder("ds-core-").make();
}
