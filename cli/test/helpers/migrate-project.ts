import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { TestFolder } from "./migrations-folder.ts";

const main = join(dirname(fileURLToPath(import.meta.url)), "../../bin/ds.js");

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
  start(command: string, ...args: string[]): ChildProcess {
    const { CI: _, ...env } = process.env;
    return spawn(process.execPath, [main, "db", command, "--db", this.url, ...args], {
      cwd: this.path,
      env: { ...env, DS_HOME: this.home, ...this.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async run(command: string, ...args: string[]) {
    const child = this.start(command, ...args);
    const text = { stdout: "", stderr: "" };
    child.stdout?.on("data", (data) => {
      text.stdout += data;
    });
    child.stderr?.on("data", (data) => {
      text.stderr += data;
    });
    const [status] = await once(child, "close");
    return { status: status as number, ...text };
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
