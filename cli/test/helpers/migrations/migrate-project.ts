import { join } from "node:path";
import type { Ended, Program } from "../../../../scripts/test-support/program.ts";
import { TemporaryFolder } from "../../../../scripts/test-support/temporary-folder.ts";
import { startDs } from "../command.ts";
import { TestFolder } from "./migrations-folder.ts";

/** A project with a migrations folder, and the built command run in it as a process of its own. */
export class MigrateProject {
  private readonly temporary = [
    new TemporaryFolder("ds-test-project-"),
    new TemporaryFolder("ds-test-home-"),
  ] as const;
  readonly path = this.temporary[0].make();
  readonly folder = new TestFolder(join(this.path, "drizzle"));
  readonly home = this.temporary[1].make();
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

  async remove(): Promise<void> {
    for (const folder of this.temporary) await folder.remove();
  }
}
