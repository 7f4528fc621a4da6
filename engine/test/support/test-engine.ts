import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
import { type EngineOptions, startEngine } from "../../src/index.ts";
import { validatingFetch } from "./validating-fetch.ts";

export interface TestEngine {
  url: string;
  apiKey: string;
  home: string;
  /** Sends a request below /api/v2; throws when the answer disagrees with the API's description. */
  send(method: string, path: string, body?: unknown): Promise<Response>;
  /** `send`, with the status that is expected; gives the body. */
  call<Body>(status: number, method: string, path: string, body?: unknown): Promise<Body>;
  /** Everything that was answered so far. */
  answers: { method: string; path: string; status: number; body: string }[];
  log: string[];
  /** How many data directories the start has set aside. */
  setAside: number;
  /** Stops the engine and leaves its home for another one. */
  stop(): Promise<void>;
  /** Stops the engine and removes its home. */
  close(): Promise<void>;
}

/** A real engine in this process, in a temporary home of its own unless one is given. */
export async function openTestEngine(
  options: Partial<Pick<EngineOptions, "home" | "cloneMethod" | "history" | "longCopyBytes">> = {},
): Promise<TestEngine> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "ds-engine-")));
  if (options.home === undefined) seedHome(home);
  const log: string[] = [];
  const engine = await startEngine({ ...options, home, log: (line) => log.push(line) });
  const apiKey = (await readFile(join(home, "api-key"), "utf8")).trim();
  const checkedFetch = validatingFetch();
  const answers: TestEngine["answers"] = [];

  const send: TestEngine["send"] = async (method, path, body) => {
    const response = await checkedFetch(`${engine.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status } = response;
    answers.push({ method, path, status, body: await response.clone().text() });
    return response;
  };
  return {
    url: engine.url,
    apiKey,
    home,
    setAside: engine.setAside ?? 0,
    send,
    call: async (status, method, path, body) => {
      const response = await send(method, path, body);
      const text = await response.text();
      if (response.status !== status) {
        const wrong = `${method} ${path}: ${response.status} instead of ${status}: ${text}`;
        throw new Error([wrong, "the engine's log:", ...log.slice(-3)].join("\n"));
      }
      return text === "" ? undefined : JSON.parse(text);
    },
    answers,
    log,
    stop: async () => engine.stop?.(),
    close: async () => {
      await engine.stop?.();
      handOnHome(home);
      await rm(home, { recursive: true, force: true });
    },
  };
}
