import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { checkDocument } from "./documents.ts";
import { limits, Patience } from "./limits.ts";
import { type UntilOptions, until } from "./until.ts";

export interface Ended {
  /** Null when a signal ended it. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Default: nothing, at once at its end. */
  input?: string;
}

/** A program run in pipes, without a terminal, which is killed when it says nothing for too long. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  status: number | null = null;
  stdout = "";
  stderr = "";
  readonly #name: string;
  readonly #patience = new Patience(limits.silent);
  readonly #output = new EventEmitter();
  #isOver = false;

  constructor(command: string, args: string[], options: ProgramOptions) {
    const { input = "", ...place } = options;
    this.#name = [command, ...args].join(" ");
    this.child = spawn(command, args, { ...place, stdio: "pipe" });
    this.child.stdin?.on("error", () => {}); // It ended without reading its input.
    this.child.stdin?.end(input);
    this.#collect("stdout");
    this.#collect("stderr");
    const watch = setInterval(() => this.#patience.isOver() && this.#giveUp(), 1_000);
    this.ended = once(this.child, "close")
      .then(async ([status, signal]) => {
        this.status = status;
        const ds = args.findIndex((arg) => /(^|\/)(ds|ds\.js)$/.test(arg));
        const own = /(^|\/)ds$/.test(command) ? args : ds < 0 ? [] : args.slice(ds + 1);
        if (status !== null) await checkDocument(own, this.stdout);
        return { status, signal, stdout: this.stdout, stderr: this.stderr };
      })
      .finally(() => {
        this.#isOver = true;
        clearInterval(watch);
      });
  }

  /** Waits until it has printed this, on either stream; throws when it ends without it. */
  async says(wanted: string | RegExp): Promise<void> {
    const has = (text: string) =>
      typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    while (!has(this.stdout) && !has(this.stderr)) {
      if (this.#isOver) throw new Error(`never said ${wanted}: ${this.#story()}`);
      await Promise.race([once(this.#output, "more"), this.ended]);
    }
  }

  /** `until`, for what this program is to do: throws when it ends without it. */
  reaches<T>(what: string, probe: () => T | Promise<T>, options: UntilOptions = {}) {
    const hopeless = () => (this.#isOver ? this.#story() : undefined);
    return until(what, probe, { hopeless, ...options });
  }

  #story = () => `${this.#name} ended with ${this.status}\n${this.stdout}\n${this.stderr}`;

  #collect(name: "stdout" | "stderr"): void {
    this.child[name]?.setEncoding("utf8").on("data", (text: string) => {
      this[name] += text;
      this.#patience.renew();
      this.#output.emit("more");
    });
  }

  #giveUp(): void {
    this.stderr += `\nkilled by the test: nothing printed for ${limits.silent / 1000} s\n`;
    this.child.kill("SIGKILL");
    // Whoever has inherited them may live on.
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }
}
