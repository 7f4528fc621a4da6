import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ended, Program } from "../../../scripts/test-support/program.ts";
import { startDs } from "./command.ts";
import { TestFolder } from "./migrations-folder.ts";

/** A project with a migrations folder, and the built command run in it as a process of its own. */
export class MigrateProject {
  readonly path = mkdtempSync(join(tmpdir(), "ds-test-project-"));
  readonly folder = new TestFolder(join(this.path, "drizzle"));
  readonly home = mkdtempSync(join(tmpdir(), "ds-test-home-"));
  url: string;
  /** What the command has in its environment besides the test's own. */
  readonly env: Record<string, string> = {};

  constructor(url: string) {
    this.url = url;
  }

  /** `ds db <command> --db <url>`. */
  start(command: string, ...args: string[]): Program {
    const all = ["db", command, "--db", this.url, ...args];
    return startDs(this.path, all, { DS_HOME: this.home, ...this.env });
  }

  run(command: string, ...args: string[]): Promise<Ended> {
    return this.start(command, ...args).ended;
  }

  /** The same with --json, whose stdout has to be one document and nothing else. */
  async json(command: string, ...args: string[]) {
    const { status, stdout, stderr } = await this.run(command, ...args, "--json");
    return { status, document: JSON.parse(stdout), stderr };
  }

  remove(): void {
    for (const path of [this.home, this.path]) rmSync(path, { recursive: true, force: true });
  }
}
