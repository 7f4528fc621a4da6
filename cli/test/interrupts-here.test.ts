import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startEngine } from "../src/engine/io/start.ts";
import { stopEngine } from "../src/engine/io/stop.ts";
import { DsProject } from "./helpers/ds-project.ts";
import { memoryOutput } from "./helpers/memory-output.ts";
import { withScratchFolder } from "./helpers/scratch.ts";

// Ctrl-C where a command waits for a program of this machine, and not for the API.

const project = new DsProject(
  `{ project: "shop", generate: { command: "touch drizzle/0001_b.sql written && exec sleep 60" } }`,
);
const scratch = withScratchFolder();
afterAll(() => project.remove());

test("a generator that has written something: the file is named", async () => {
  project.migrations.add("0000_a", "create table a (id int);");
  const running = project.start(["db", "generate", "--json"]);
  await running.reaches("its file", () => existsSync(join(project.path, "written")));
  running.child.kill("SIGINT");
  const { status, stdout, stderr } = await running.ended;
  expect(status, stderr).toBe(130);
  expect(JSON.parse(stdout).error).toMatchObject({
    code: "INTERRUPTED",
    outcome: "changed",
    changes: ["drizzle/0001_b.sql was written"],
  });
});

test("an engine that is starting goes on, and that is said", async () => {
  const program = join(scratch.path, "engine.mjs");
  // Stands in for an engine that takes its time; it ends when nobody listens to it any more.
  writeFileSync(program, `process.on("disconnect", () => process.exit());`);
  const stop = new AbortController();
  const { output } = memoryOutput();
  const { env } = process;
  const context = { home: scratch.path, env, output, signal: stop.signal };
  const starting = startEngine(program, context);
  expect(output.changes.account().outcome).toBe("unknown");
  stop.abort();
  await expect(starting).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(output.changes.account()).toMatchObject({
    outcome: "unknown",
    clauses: [expect.stringContaining("goes on starting")],
  });
});

test("an engine that was told to stop goes on stopping; when it is gone it was stopped", async () => {
  const engine = spawn("sleep", ["60"]);
  const stop = new AbortController();
  const server = createServer((_, answer) => {
    answer.end("{}");
    stop.abort();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2`;
  const address = { url, key: "napi_x", pid: engine.pid as number };
  const { output } = memoryOutput();
  try {
    await expect(stopEngine({ output, signal: stop.signal }, address)).rejects.toThrow();
    expect(output.changes.account()).toMatchObject({
      outcome: "unknown",
      clauses: [expect.stringContaining("goes on stopping")],
    });
  } finally {
    engine.kill();
    await once(engine, "exit");
  }
  await stopEngine({ output, signal: new AbortController().signal }, address);
  expect(output.changes.account()).toEqual({
    outcome: "changed",
    clauses: ["the engine was stopped"],
  });
  server.closeAllConnections();
  server.close();
});
