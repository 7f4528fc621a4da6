import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const standIn = fileURLToPath(new URL("../stand-ins/pulumi.mjs", import.meta.url));

/** What the stand-in says instead of working; `hang`: nothing, for ever. */
const troubles = {
  passphrase: "incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase",
  hang: "wait",
};

/** The stand-in in the place of `pulumi`, and its stacks in a `file://` backend, as an audit finds them. */
export class PulumiState {
  /** To be the first on the PATH. */
  readonly bin: string;
  private readonly state: string;
  private readonly project: string;

  /** @param project its name in Pulumi.yaml */
  constructor(folder: string, project: string) {
    this.bin = join(folder, "bin");
    this.state = join(folder, "pulumi-state");
    this.project = project;
  }

  /** Before it is first used. */
  make(): void {
    for (const made of [this.bin, this.stacks]) mkdirSync(made, { recursive: true });
    this.hide(false);
  }

  get backend(): string {
    return `file://${this.state}`;
  }

  private get stacks(): string {
    return join(this.state, ".pulumi", "stacks", this.project);
  }

  get names(): string[] {
    return readdirSync(this.stacks).map((file) => file.replace(/\.json$/, ""));
  }

  /** With so many resources besides the stack itself. */
  add(stage: string, resources: number, lastUpdate = "2026-01-01T00:00:00Z"): void {
    const text = JSON.stringify({ resources: resources + 1, lastUpdate });
    writeFileSync(join(this.stacks, `${stage}.json`), text);
  }

  set(trouble: keyof typeof troubles | undefined): void {
    const file = join(this.state, "any.fault");
    if (trouble === undefined) rmSync(file, { force: true });
    else writeFileSync(file, troubles[trouble]);
  }

  /** As an update does that runs on another machine. */
  lock(stage: string): void {
    const folder = join(this.state, ".pulumi", "locks", "organization", this.project, stage);
    mkdirSync(folder, { recursive: true });
    const lock = { pid: process.pid, username: "x", hostname: "elsewhere", timestamp: "" };
    writeFileSync(join(folder, "lock.json"), JSON.stringify(lock));
  }

  /** As where it is not installed. */
  hide(hidden: boolean): void {
    const path = join(this.bin, "pulumi");
    if (hidden) rmSync(path, { force: true });
    else if (!existsSync(path)) symlinkSync(standIn, path);
  }
}
