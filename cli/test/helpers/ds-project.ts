import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
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

  start(args: string[], env: Record<string, string> = {}): Running {
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
    await this.run(["engine", "stop"]);
    handOnHome(this.home);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
