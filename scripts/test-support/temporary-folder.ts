import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll } from "vitest";
import { endProcess, outliving } from "../processes.mjs";

/** Whether the file of tests is still being loaded. */
let isLoading = true;
beforeAll(() => {
  isLoading = false;
});

/**
 * A temporary folder of a test's own. It has its name at once but is made in a hook or a test: a file is loaded also when none
 * of its tests will run, and no hook would remove what was made by then.
 */
export class TemporaryFolder {
  readonly path: string;

  constructor(prefix: string) {
    this.path = join(tmpdir(), `${prefix}${randomBytes(6).toString("hex")}`);
  }

  /** Others may pass through: for root, Postgres runs under another uid. */
  make(): string {
    if (isLoading)
      throw new Error(`${this.path} is made while tests are loaded: make it in a hook`);
    mkdirSync(this.path, { recursive: true });
    chmodSync(this.path, 0o711);
    return this.path;
  }

  /**
   * Once nothing is at work in it: a command that ends late would make it again. Throws, and ends it, when something does not
   * end; `elsewhere` are other folders where nothing may run any more.
   */
  async remove(...elsewhere: string[]): Promise<void> {
    const left = await outliving([this.path, ...elsewhere]);
    for (const { pid } of left) endProcess(pid);
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    if (left.length === 0) return;
    const list = left.map(({ pid, command }) => `${pid} ${command}`).join("\n");
    throw new Error(`Still running at the end of its test:\n${list}`);
  }
}
