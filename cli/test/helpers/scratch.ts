import { rmSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";

/** A folder of a test's own, in which no process works. */
export function scratchFolder(): { path: string; remove(): void } {
  const path = new TemporaryFolder("ds-cli-").make();
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** One that is there while the tests of a file or suite run. */
export function withScratchFolder(): { readonly path: string } {
  const folder = new TemporaryFolder("ds-cli-");
  beforeAll(() => {
    folder.make();
  });
  afterAll(() => folder.remove());
  return folder;
}
