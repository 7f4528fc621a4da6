import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processesMentioning } from "../../../scripts/processes.mjs";
import type { Caller } from "./branches.ts";

/** The built engine; `npm test` builds it before. */
const program =
  process.env.DS_TEST_ENGINE ??
  fileURLToPath(new URL("../../../cli/dist/engine.js", import.meta.url));

/** The engine as a process of its own, to be killed. */
export class Daemon implements Caller {
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly url: string;
  readonly #key: string;
  readonly #output: string[];

  private constructor(
    home: string,
    child: ChildProcess,
    exited: Promise<void>,
    url: string,
    output: string[],
  ) {
    this.home = home;
    this.#child = child;
    this.#exited = exited;
    this.url = url;
    this.#key = readFileSync(join(home, "api-key"), "utf8").trim();
    this.#output = output;
  }

  static async start(home: string): Promise<Daemon> {
    if (!existsSync(program)) throw new Error(`${program} is not built: node scripts/build.mjs`);
    const child = spawn(process.execPath, [program, "serve", "--home", home], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const output: string[] = [];
    child.stderr?.on("data", (text) => output.push(String(text)));
    const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const word = await new Promise<{ type: string; url: string; message?: string }>(
      (resolve, reject) => {
        child.once("message", (message) => resolve(message as { type: string; url: string }));
        child.once("exit", () => reject(new Error(`the engine ended at once: ${output.join("")}`)));
      },
    );
    if (word.type !== "ready") throw new Error(`the engine did not start: ${word.message}`);
    return new Daemon(home, child, exited, word.url, output);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get log(): string {
    return this.#output.join("");
  }

  async send(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async call<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (response.status !== status) {
      throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`);
    }
    return text === "" ? (undefined as Body) : JSON.parse(text);
  }

  /** Nobody is at the other end of its stderr any more. */
  stopReading(): void {
    this.#child.stderr?.destroy();
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
  }
}

/** Postmasters of this home by their data directory, and every process with its state. */
export function postgresOf(home: string): { pid: number; dataDir: string; isFrozen: boolean }[] {
  return processesMentioning(join(home, "data")).flatMap(({ pid, command }) => {
    const dataDir = / -D \S*\/pgdata\/(\w+)/.exec(command)?.[1];
    return dataDir ? [{ pid, dataDir, isFrozen: stateOf(pid) === "T" }] : [];
  });
}

/** Any process below these that is stopped: a copy that was cut off must leave none. */
export function frozenBelow(parents: number[]): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const fields = statOf(pid);
      return fields?.state === "T" && (parents.includes(pid) || parents.includes(fields.parent));
    });
}

const stateOf = (pid: number) => statOf(pid)?.state;

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
