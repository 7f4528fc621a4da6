import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
import type { Ended, Program } from "../../../scripts/test-support/program.ts";
import { startDs } from "./command.ts";
import { TestFolder } from "./migrations-folder.ts";

/** A small project of a customer's, on an engine home of its own. */
export class DsProject {
  readonly folder = mkdtempSync(join(tmpdir(), "ds-test-"));
  readonly home = join(this.folder, "home");
  readonly path = join(this.folder, "project");
  readonly migrations: TestFolder;

  constructor(config: string) {
    // Postgres, which does not run as root, must get through to the home.
    chmodSync(this.folder, 0o711);
    seedHome(this.home);
    mkdirSync(this.path);
    this.migrations = new TestFolder(join(this.path, "drizzle"));
    this.write("ds.config.ts", `export default ${config};\n`);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  get url(): string {
    return parseEnv(readFileSync(join(this.path, ".env"), "utf8")).DATABASE_URL ?? "";
  }

  start(args: string[], env: Record<string, string> = {}): Program {
    return startDs(this.path, args, { DS_HOME: this.home, ...env });
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  async remove(): Promise<void> {
    await this.run(["engine", "stop"]);
    handOnHome(this.home);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
