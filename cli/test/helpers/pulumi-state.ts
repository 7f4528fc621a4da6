import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface StandInStack {
  name: string;
  resourceCount: number;
  lastUpdate: string;
}

interface State {
  stacks: StandInStack[];
  /** What the next command does instead of its work. */
  trouble?: "passphrase" | "hang" | undefined;
}

/** A program in the place of `pulumi`, with stacks in a file. It prints what the real one prints. */
const program = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require("node:fs");
const { dirname } = require("node:path");
const file = __dirname + "/state.json";
const state = JSON.parse(readFileSync(file, "utf8"));
const args = process.argv.slice(2);
const named = args[args.indexOf("--stack") + 1];
if (state.trouble === "passphrase") {
  console.error("error: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase");
  process.exit(255);
} else if (state.trouble === "hang") {
  setInterval(() => {}, 1000);
} else if (args[0] === "whoami") {
  console.log(JSON.stringify({ user: "x", url: "file://" + __dirname }));
} else if (args[0] === "stack" && args[1] === "ls") {
  console.log(JSON.stringify(state.stacks));
} else if (args[0] === "destroy" || args[0] === "stack") {
  const stack = state.stacks.find(({ name }) => name === named);
  if (!stack) { console.error("error: no stack named " + named); process.exit(255); }
  if (args[0] === "destroy") stack.resourceCount = 1;
  else if (stack.resourceCount > 1) { console.error("error: still has resources"); process.exit(255); }
  else state.stacks = state.stacks.filter((one) => one !== stack);
  writeFileSync(file, JSON.stringify(state));
}
`;

export class PulumiState {
  /** To be the first on the PATH. */
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Before it is first used. */
  make(): void {
    const { folder } = this;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "pulumi"), program);
    chmodSync(join(folder, "pulumi"), 0o755);
    this.write({ stacks: [] });
  }

  private get state(): State {
    return JSON.parse(readFileSync(join(this.folder, "state.json"), "utf8"));
  }

  private write(state: State): void {
    writeFileSync(join(this.folder, "state.json"), JSON.stringify(state));
  }

  get backend(): string {
    return `file://${this.folder}`;
  }

  get names(): string[] {
    return this.state.stacks.map(({ name }) => name.split("/").at(-1) ?? "");
  }

  /** With so many resources besides the stack itself. */
  add(stage: string, resources: number, lastUpdate = "2026-01-01T00:00:00Z"): void {
    const { stacks, ...rest } = this.state;
    const stack = { name: `organization/shop/${stage}`, resourceCount: resources + 1, lastUpdate };
    this.write({ ...rest, stacks: [...stacks, stack] });
  }

  set(trouble: State["trouble"]): void {
    this.write({ ...this.state, trouble });
  }

  /** As an update does that runs in this process. */
  lock(stage: string, on = true): void {
    const folder = join(this.folder, ".pulumi/locks/organization/shop", stage);
    if (!on) {
      rmSync(folder, { recursive: true, force: true });
      return;
    }
    mkdirSync(folder, { recursive: true });
    const lock = { pid: process.pid, username: "x", hostname: "elsewhere", timestamp: "" };
    writeFileSync(join(folder, "lock.json"), JSON.stringify(lock));
  }

  /** Replaced by nothing: as where it is not installed. */
  hide(hidden: boolean): void {
    const path = join(this.folder, "pulumi");
    if (hidden) rmSync(path, { force: true });
    else if (!existsSync(path)) writeFileSync(path, program, { mode: 0o755 });
  }
}
