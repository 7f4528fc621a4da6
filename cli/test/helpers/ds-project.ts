import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
import type { Ended, Program } from "../../../scripts/test-support/program.ts";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { startDs } from "./command.ts";
import { TestFolder } from "./migrations/migrations-folder.ts";

/** A small project of a customer's, on an engine home of its own. */
export class DsProject {
  private readonly temporary = new TemporaryFolder("ds-test-");
  readonly folder = this.temporary.path;
  readonly home = join(this.folder, "home");
  readonly path = join(this.folder, "project");
  private readonly migrationsFolder = new TestFolder(join(this.path, "drizzle"));
  readonly config: string;

  constructor(config: string) {
    this.config = config;
  }

  /** Its folders and its configuration, before they are first used. */
  make(): this {
    if (existsSync(this.path)) return this;
    this.temporary.make();
    seedHome(this.home);
    mkdirSync(this.path);
    this.write("ds.config.ts", `export default ${this.config};\n`);
    return this;
  }

  get migrations(): TestFolder {
    this.make();
    return this.migrationsFolder;
  }

  write(file: string, text: string): void {
    this.make();
    writeFileSync(join(this.path, file), text);
  }

  get url(): string {
    return parseEnv(readFileSync(join(this.path, ".env"), "utf8")).DATABASE_URL ?? "";
  }

  start(args: string[], env: Record<string, string> = {}, input = ""): Program {
    this.make();
    return startDs(this.path, args, { DS_HOME: this.home, ...env }, input);
  }

  run(args: string[], env: Record<string, string> = {}, input = ""): Promise<Ended> {
    return this.start(args, env, input).ended;
  }

  async remove(): Promise<void> {
    if (existsSync(this.path)) await this.run(["engine", "stop"]);
    handOnHome(this.home);
    await this.temporary.remove();
  }
}
