import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../../../../scripts/test-support/program.ts";
import { DsProject } from "../../helpers/ds-project.ts";
import { dsInProcess } from "../../helpers/in-process.ts";
import { StandInGitHub, type StandInPull } from "../../stand-ins/github.ts";

interface JobOptions {
  token?: "write" | "read" | "none";
  env?: Record<string, string>;
  /** Default: that of the project, whose engine runs. */
  home?: string;
}

/** A project whose repository is on the stand-in of GitHub, with runs of jobs as pull requests have them. */
export class PullRequests {
  readonly project: DsProject;
  readonly hub = new StandInGitHub();
  private runs = 0;

  constructor(config = `{ project: "shop" }`) {
    this.project = new DsProject(config);
  }

  /** @param base migrations that main has, in git and in the database */
  async start(base: Record<string, string>): Promise<void> {
    const { project } = this;
    for (const [tag, sql] of Object.entries(base)) project.migrations.add(tag, sql);
    execFileSync("git", ["init", "-q", "--bare", "-b", "main", this.origin]);
    this.git("init", "-q", "-b", "main");
    this.git("remote", "add", "origin", `file://${this.origin}`);
    writeFileSync(join(project.path, ".gitignore"), ".env\nnode_modules\n");
    this.git("add", "--all");
    this.git("commit", "-q", "-m", "base");
    this.git("push", "-q", "origin", "main");
    const setup = await project.run(["setup", "--developer", "pat"]);
    if (setup.status !== 0) throw new Error(setup.stderr);
    await this.hub.start();
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await this.project.remove();
  }

  private get origin(): string {
    return join(this.project.folder, "origin.git");
  }

  git(...args: string[]): string {
    return this.gitIn(this.project.path, ...args);
  }

  private gitIn(cwd: string, ...args: string[]): string {
    const who = ["-c", "user.name=Pat", "-c", "user.email=pat@example.com"];
    return execFileSync("git", [...who, ...args], { cwd, encoding: "utf8" }).trim();
  }

  /** Opens a pull request, or pushes to it: its branch is main with these migrations. */
  push(
    number: number,
    ref: string,
    migrations: Record<string, string>,
    { fork, base = "main" }: { fork?: string; base?: string } = {},
  ): StandInPull {
    const { project, hub } = this;
    this.git("checkout", "-q", "-B", `pr-${number}`, base);
    for (const [tag, sql] of Object.entries(migrations)) project.migrations.add(tag, sql);
    this.git("add", "drizzle");
    this.git("commit", "-q", "--allow-empty", "-m", ref);
    const sha = this.git("rev-parse", "HEAD");
    this.git("push", "-q", "--force", "origin", `HEAD:refs/pull/${number}/head`);
    for (const tag of Object.keys(migrations)) project.migrations.takeOut(tag);
    this.git("checkout", "-q", "-f", "main");
    const known = hub.pulls.get(number);
    const pull = hub.pull(number, ref, sha, fork);
    pull.state = known?.state ?? "open";
    return pull;
  }

  /** A job of a run: a shallow checkout of the pull request's head, the event's file, a token. */
  async job(
    number: number,
    args: string[],
    { token = "write", env = {}, home = this.project.home }: JobOptions = {},
  ): Promise<Ended & { document: Record<string, unknown>; summary: string; outputs: string }> {
    const { folder, env: place } = this.checkout(number, token);
    const ended = await dsInProcess({ cwd: folder, home, env: { ...place, ...env } }, [
      ...args,
      "--json",
    ]);
    const text = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : "");
    return {
      ...ended,
      document: JSON.parse(ended.stdout),
      summary: text(place.GITHUB_STEP_SUMMARY ?? ""),
      outputs: text(place.GITHUB_OUTPUT ?? ""),
    };
  }

  /** The checkout of a run, and the environment that its steps have. */
  checkout(
    number: number,
    token: "write" | "read" | "none",
  ): { folder: string; env: Record<string, string | undefined> } {
    const { hub, project } = this;
    this.runs += 1;
    const place = join(project.folder, `run-${this.runs}`);
    const folder = join(place, "shop");
    mkdirSync(place);
    this.gitIn(place, "clone", "-q", "--depth", "1", `file://${this.origin}`, "shop");
    this.gitIn(folder, "fetch", "-q", "--depth", "1", "origin", `refs/pull/${number}/head`);
    this.gitIn(folder, "checkout", "-q", "--detach", "FETCH_HEAD");
    const pull = hub.pulls.get(number);
    const event = join(place, "event.json");
    writeFileSync(event, JSON.stringify({ action: "synchronize", number, pull_request: pull }));
    return {
      folder,
      env: {
        ...hub.env(token),
        PATH: process.env.PATH,
        HOME: place,
        DS_HOME: project.home,
        DS_LOCAL: "1",
        GITHUB_EVENT_NAME: "pull_request",
        GITHUB_REF: `refs/pull/${number}/merge`,
        GITHUB_EVENT_PATH: event,
        GITHUB_STEP_SUMMARY: join(place, "summary.md"),
        GITHUB_OUTPUT: join(place, "output"),
      },
    };
  }
}
