import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder through which Postgres may pass when it runs under another user. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ds-core-"));
  chmodSync(folder, 0o711);
  return folder;
}
