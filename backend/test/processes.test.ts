import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Program } from "../../scripts/test-support/program.ts";

const backend = path.join(import.meta.dirname, "..");
const NOWHERE = "postgres://someone:secret@127.0.0.1:1/none";

const running = new Set<Program>();
afterEach(() => {
  for (const { child } of running) child.kill("SIGKILL");
  running.clear();
});

/** Runs a program as the package's scripts do. */
function run(program: string, args: string[], environment: Record<string, string>): Program {
  const { DATABASE_URL: _, PORT: __, ...inherited } = process.env;
  const started = new Program(process.execPath, ["--import", "tsx", program, ...args], {
    cwd: backend,
    // Without it tsx leaves its cache of compiled files in the temporary folder.
    env: { ...inherited, TSX_DISABLE_CACHE: "1", ...environment },
  });
  running.add(started);
  return started;
}

async function listening(server: Program): Promise<string> {
  const address = /http:\/\/[\d.:]+/;
  await server.says(address);
  return address.exec(server.stdout)?.[0] ?? "";
}

describe("server", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("ends cleanly on %s", async (signal) => {
    const server = run("src/server.ts", [], { DATABASE_URL: NOWHERE, PORT: "0" });
    const url = await listening(server);
    expect((await fetch(`${url}/health`)).status).toBe(503);
    server.child.kill(signal);
    const { status, stderr } = await server.ended;
    expect(status).toBe(0);
    expect(stderr).not.toContain("secret");
  });

  test("says when its port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const address = holder.address();
    const port = String(typeof address === "object" ? address?.port : address);
    const { status, stderr } = await run("src/server.ts", [], { DATABASE_URL: NOWHERE, PORT: port })
      .ended;
    holder.close();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `Port ${port} is taken: stop what uses it, or set PORT to another one.\n`,
    });
  });

  test("says when DATABASE_URL is missing", async () => {
    const { status, stderr } = await run("src/server.ts", [], {}).ended;
    expect(status).toBe(1);
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
    const { status, stdout, stderr } = await run("src/seed/main.ts", args, environment).ended;
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("secret");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
