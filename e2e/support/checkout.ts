import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { ended, type Result, type RunOptions, run } from "./run.ts";

export const repository = fileURLToPath(new URL("../..", import.meta.url));

const members = [".", "cli", "engine", "backend", "infra", "e2e", "bench"];

/** A folder that `ds` is run in: a checkout of this repository, or a project of somebody else's. */
export class Checkout {
  readonly path: string;
  private readonly env: NodeJS.ProcessEnv;
  private readonly command: string;

  constructor(path: string, env: NodeJS.ProcessEnv, command = join(path, "ds")) {
    this.path = path;
    this.env = env;
    this.command = command;
  }

  /** Runs `ds` in pipes. */
  run(args: string[], options: Partial<RunOptions> = {}): Promise<Result> {
    const env = { ...this.env, ...options.env };
    return run(this.command, args, { cwd: this.path, ...options, env });
  }

  /** Runs `ds`, which has to end with `status`. */
  async ds(args: string[], status = 0): Promise<Result> {
    return ended(await this.run(args), status);
  }

  /** What `ds ... --json` prints. */
  async json<T>(args: string[], status = 0): Promise<T> {
    return JSON.parse((await this.ds([...args, "--json"], status)).stdout) as T;
  }

  /** Runs another program in this checkout. */
  exec(command: string, args: string[], options: Partial<RunOptions> = {}): Promise<Result> {
    const env = { ...this.env, ...options.env };
    return run(command, args, { cwd: this.path, ...options, env });
  }

  get envFile(): string {
    return join(this.path, ".env");
  }

  envText(): string {
    return readFileSync(this.envFile, "utf8");
  }

  /** The connection string that applications of this checkout get. */
  url(): string {
    const url = parseEnv(this.envText()).DATABASE_URL;
    if (url === undefined) throw new Error(`${this.envFile} has no DATABASE_URL`);
    return url;
  }
}

/** This repository's files as they are now, committed to a git repository of their own: no package, no build. */
export function makeFreshClone(path: string, env: NodeJS.ProcessEnv): Checkout {
  copyFiles(path);
  commitAll(path);
  return new Checkout(path, env);
}

/** A checkout that is installed and built, for all tests that are not about just that. */
export function makeReadyCheckout(path: string, env: NodeJS.ProcessEnv): Checkout {
  const build = join(repository, "scripts/build.mjs");
  execFileSync(process.execPath, [build, "--if-stale"], { stdio: ["ignore", "ignore", "inherit"] });
  copyFiles(path);
  for (const member of members) {
    const packages = join(repository, member, "node_modules");
    if (existsSync(packages)) symlinkSync(packages, join(path, member, "node_modules"));
  }
  cpSync(join(repository, "cli/dist"), join(path, "cli/dist"), { recursive: true });
  commitAll(path);
  const now = new Date();
  utimesSync(join(path, "cli/dist/.built"), now, now);
  return new Checkout(path, env);
}

function copyFiles(path: string): void {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { cwd: repository, encoding: "utf8" }).split("\0");
  for (const file of new Set(files.filter(Boolean))) {
    const source = join(repository, file);
    if (!existsSync(source)) continue;
    mkdirSync(dirname(join(path, file)), { recursive: true });
    cpSync(source, join(path, file), { verbatimSymlinks: true });
  }
}

/** All copies have one remote, as clones of one repository do, which nobody speaks to: so they have one project. */
function commitAll(path: string): void {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: path });
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "Test");
  git("config", "user.email", "test@example.com");
  git("remote", "add", "origin", "https://git.invalid/devstride/ds");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Copy");
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
