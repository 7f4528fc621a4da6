import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";

const backend = path.join(import.meta.dirname, "..");
const NOWHERE = "postgres://someone:secret@127.0.0.1:1/none";

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

/** Runs a program as the package's scripts do. */
function run(program: string, args: string[], environment: Record<string, string>) {
  const { DATABASE_URL: _, PORT: __, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], {
    cwd: backend,
    // Without it tsx leaves its cache of compiled files in the temporary folder.
    env: { ...inherited, TSX_DISABLE_CACHE: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (output.stdout += data));
  child.stderr.on("data", (data) => (output.stderr += data));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, ...output }));
  });
  return { child, output, ended };
}

async function listening(server: ReturnType<typeof run>): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const url = /http:\/\/[\d.:]+/.exec(server.output.stdout)?.[0];
    if (url) return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server does not listen: ${server.output.stderr}`);
}

describe("server", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const server = run("src/server.ts", [], { DATABASE_URL: NOWHERE, PORT: "0" });
    const url = await listening(server);
    expect((await fetch(`${url}/health`)).status).toBe(503);
    server.child.kill(signal);
    const { code, stderr } = await server.ended;
    expect(code).toBe(0);
    expect(stderr).not.toContain("secret");
  });

  test("says when its port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const address = holder.address();
    const port = String(typeof address === "object" ? address?.port : address);
    const { code, stderr } = await run("src/server.ts", [], { DATABASE_URL: NOWHERE, PORT: port })
      .ended;
    holder.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} is taken: stop what uses it, or set PORT to another one.\n`,
    });
  });

  test("says when DATABASE_URL is missing", async () => {
    const { code, stderr } = await run("src/server.ts", [], {}).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATABASE_URL is not set\..*\n$/);
  });
});

describe("seed", () => {
  test.each([
    [["--size", "tiny"], { DATABASE_URL: NOWHERE }, 'seed: "tiny" is not a size'],
    [["--sise", "small"], { DATABASE_URL: NOWHERE }, "seed: Unknown option '--sise'"],
    [[], {}, "seed: DATABASE_URL is not set."],
    [[], { DATABASE_URL: NOWHERE.replace("127.0.0.1", "localhost") }, "at localhost:1: "],
    [
      [],
      { DATABASE_URL: NOWHERE },
      "seed: Cannot connect to the database at 127.0.0.1:1: connect ECONNREFUSED",
    ],
  ])("%j %j is refused in one sentence", async (args, environment, message) => {
    const { code, stdout, stderr } = await run("src/seed/main.ts", args, environment).ended;
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
