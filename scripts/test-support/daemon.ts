import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built engine; `npm test` builds it before. */
export const engineProgram =
  process.env.DS_TEST_ENGINE ?? fileURLToPath(new URL("../../cli/dist/engine.js", import.meta.url));

/** The engine as a process of its own, to be killed. */
export class Daemon {
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
    if (!existsSync(engineProgram))
      throw new Error(`${engineProgram} is not built: node scripts/build.mjs`);
    const child = spawn(process.execPath, [engineProgram, "serve", "--home", home], {
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
