import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Api, type Branch } from "./api.ts";
import type { Checkout } from "./checkout.ts";
import { ended, type Result, run, succeeded } from "./run.ts";
import { Sandbox } from "./sandbox.ts";

const neonCli = join(
  dirname(createRequire(import.meta.url).resolve("neon/package.json")),
  "dist/cli.js",
);

/** A fresh engine with nothing in it, and Neon's own clients beside it in a folder of theirs. */
export class NeonMachine {
  readonly sandbox = new Sandbox({ seeded: true });
  readonly folder = join(this.sandbox.folder, "neon");
  private checkout: Checkout | undefined;
  private opened: Api | undefined;
  /** What stands between the clients and the engine: the address that they are given. */
  through: string | undefined;

  async start(): Promise<this> {
    this.checkout = this.sandbox.readyCheckout("checkout");
    await this.checkout.ds(["engine", "start"]);
    this.opened = await Api.of(this.checkout);
    mkdirSync(this.folder);
    return this;
  }

  /** Stops the engine; throws when anything outlives it. */
  close(): Promise<void> {
    return this.sandbox.close(this.checkout);
  }

  get api(): Api {
    if (this.opened === undefined) throw new Error("The engine has not been started");
    return this.opened;
  }

  /** What a shell has after `eval "$(ds engine env)"`. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...this.sandbox.env,
      HOME: this.folder,
      NEON_API_HOST: this.through ?? this.api.url,
      NEON_API_KEY: this.api.key,
      NO_UPDATE_NOTIFIER: "1",
      CI: "1",
    };
  }

  /** Makes a project by the official command line; its id. */
  async createProject(name: string): Promise<string> {
    await this.text("projects", "create", "--name", name);
    return this.api.projectId(name);
  }

  /** Runs the official command line, as it is published. */
  neon(...args: string[]): Promise<Result> {
    return run(process.execPath, [neonCli, "--no-analytics", ...args], {
      cwd: this.folder,
      env: this.env,
    });
  }

  /** What `neon ...` prints to a person; it has to succeed. */
  async text(...args: string[]): Promise<string> {
    return succeeded(await this.neon(...args)).stdout.trim();
  }

  /** What `neon ... -o json` prints. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.text(...args, "-o", "json")) as T;
  }

  /** What a command that has to fail says. */
  async refusal(...args: string[]): Promise<string> {
    return ended(await this.neon(...args), 1).stderr;
  }

  async branch(projectId: string, name: string): Promise<Branch> {
    const found = (await this.api.branches(projectId)).find((branch) => branch.name === name);
    if (found === undefined) throw new Error(`No branch ${name}`);
    return found;
  }

  /** The bare connection string that the API gives for a branch. */
  async url(projectId: string, name: string): Promise<string> {
    return this.api.urlOf(projectId, await this.branch(projectId, name));
  }
}
