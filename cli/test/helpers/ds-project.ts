import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { TestFolder } from "./migrations-folder.ts";

const main = join(dirname(fileURLToPath(import.meta.url)), "../../bin/ds.js");
/** What of the caller's shell would lead the command to another database or change its ways. */
const hidden = /^(DS_|NEON_|PG|DATABASE_URL|DEVSTRIDE_|CI$)/;

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Running extends Ended {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** A small project of a customer's, on an engine home of its own. */
export class DsProject {
  private readonly temporary = new TemporaryFolder("ds-test-");
  readonly folder = this.temporary.path;
  readonly home = join(this.folder, "home");
  readonly path = join(this.folder, "project");
  private readonly migrationsFolder = new TestFolder(join(this.path, "drizzle"));
  private readonly config: string;

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

  start(args: string[], env: Record<string, string> = {}): Running {
    this.make();
    const kept = Object.entries(process.env).filter(([name]) => !hidden.test(name));
    const child = spawn(process.execPath, [main, ...args], {
      cwd: this.path,
      env: { ...Object.fromEntries(kept), DS_HOME: this.home, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running: Running = {
      child,
      status: null,
      stdout: "",
      stderr: "",
      ended: once(child, "close").then(([status]) => {
        running.status = status;
        return running;
      }),
    };
    child.stdout.on("data", (data) => {
      running.stdout += data;
    });
    child.stderr.on("data", (data) => {
      running.stderr += data;
    });
    return running;
  }

  run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  async remove(): Promise<void> {
    if (existsSync(this.path)) await this.run(["engine", "stop"]);
    handOnHome(this.home);
    await this.temporary.remove();
  }
}
