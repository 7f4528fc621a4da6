import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { condition, inPath } from "../../scripts/test-support/needs.ts";
import { until } from "../../scripts/test-support/until.ts";

/** `script` of util-linux gives a command a terminal; other systems' have other options. */
export const pseudoTerminal = condition(
  "script of util-linux",
  () => process.platform === "linux" && inPath("script").find() !== undefined,
);

/** A command that runs in a terminal: what it shows, and a person at the keyboard. */
export class Terminal {
  /** All that has been sent to the screen so far. */
  raw = "";
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  constructor(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const sized = `stty cols 160 rows 40; ${command}`;
    const args = ["--quiet", "--return", "--flush", "--command", sized, "/dev/null"];
    const env = { ...options.env, TERM: "xterm-256color" };
    this.child = spawn("script", args, {
      cwd: options.cwd,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child.stdout?.on("data", (bytes: Buffer) => {
      this.raw += bytes.toString();
    });
    this.exit = once(this.child, "exit");
  }

  /** The same without colours and cursor movements. */
  get text(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own sequences begin with one
    return this.raw.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
  }

  /** Returns when the screen has shown it. */
  async shows(pattern: RegExp): Promise<void> {
    await until(`${pattern} on the screen`, () => pattern.test(this.text)).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.text}`);
    });
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** The exit status, once the command has ended. */
  async ended(): Promise<number> {
    const [status] = await this.exit;
    this.child.stdin?.destroy();
    return Number(status);
  }
}

export const keys = { enter: "\r", left: "\u001b[D", ctrlC: "\u0003" };
