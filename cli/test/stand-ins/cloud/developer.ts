import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Ended } from "../../../../scripts/test-support/program.ts";
import { TemporaryFolder } from "../../../../scripts/test-support/temporary-folder.ts";
import { dsInProcess } from "../../helpers/in-process.ts";
import { TestFolder } from "../../helpers/migrations/migrations-folder.ts";
import { type CloudStandIn, type KeyKind, keyOf } from "./cloud.ts";

export interface Run extends Ended {
  document: Record<string, unknown> & { error?: Record<string, unknown> };
}

/** Somebody with a checkout and a home of their own, who works with the cloud alone. */
export class Developer {
  readonly #folder = new TemporaryFolder("ds-cloud-");
  readonly path = join(this.#folder.path, "project");
  readonly home = join(this.#folder.path, "home");
  readonly migrations = new TestFolder(join(this.path, "drizzle"));
  key: KeyKind = "personal";
  env: Record<string, string> = {};
  #cloud: CloudStandIn;

  constructor(cloud: CloudStandIn) {
    this.#cloud = cloud;
  }

  make(config: string): this {
    this.#folder.make();
    mkdirSync(this.path);
    this.configure(config);
    this.git("init", "--quiet", "--initial-branch=main");
    const who = ["-c", "user.name=x", "-c", "user.email=x"];
    this.git(...who, "commit", "--quiet", "--allow-empty", "-m", "x");
    return this;
  }

  configure(config: string): void {
    writeFileSync(join(this.path, "ds.config.ts"), `export default ${config};\n`);
  }

  git(...args: string[]): void {
    execFileSync("git", args, { cwd: this.path, stdio: "ignore" });
  }

  /** With --json, waiting for a minute unless it says otherwise. */
  async ds(args: string[]): Promise<Run> {
    const wait = args.includes("--wait") ? [] : ["--wait", "60s"];
    const env = {
      PATH: process.env.PATH,
      HOME: this.#folder.path,
      DS_HOME: this.home,
      GIT_CEILING_DIRECTORIES: this.#folder.path,
      NEON_API_HOST: this.#cloud.url,
      NEON_API_KEY: keyOf(this.key),
      ...this.env,
    };
    const place = { cwd: this.path, home: this.home, env };
    const ended = await dsInProcess(place, [...args, ...wait, "--json"]);
    return { ...ended, document: JSON.parse(ended.stdout) };
  }

  variable(name: string): string {
    return parseEnv(readFileSync(join(this.path, ".env"), "utf8"))[name] ?? "";
  }

  /** Notes of work that has not come to its end. */
  unfinished(): string[] {
    const found: string[] = [];
    for (const folder of ["setting-up", "deploy"]) {
      const path = join(this.home, folder);
      const entries = readdirSyncOrNothing(path);
      found.push(...entries.map((entry) => `${folder}/${entry}`));
    }
    return found;
  }

  remove(): Promise<void> {
    return this.#folder.remove();
  }
}

/** Files below a folder, which need not be there. */
function readdirSyncOrNothing(path: string): string[] {
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}
