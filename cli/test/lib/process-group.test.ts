import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { groupRecord } from "../../src/processes/io/group-record.ts";
import { type Supervised, supervise } from "../../src/processes/io/supervisor.ts";
import type { SupervisorEvent } from "../../src/processes/restart-policy.ts";
import { alive } from "../helpers/alive.ts";

let folder: string;
let lines: string[];
let events: SupervisorEvent[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ds-test-group-"));
  lines = [];
  events = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function start(command: string, options: Partial<Supervised> = {}) {
  return supervise({
    command,
    cwd: folder,
    env: process.env,
    grace: 5000,
    record: await groupRecord(join(folder, "home"), "web"),
    onLine: (line) => lines.push(line),
    onEvent: (event) => events.push(event),
    ...options,
  });
}

/** A shell, a child of it, and a grandchild, each of which says its pid. */
const family = "echo $$; sh -c 'echo $$; sleep 60 & echo $!; wait'; true";

const pids = () => lines.map(Number).filter((pid) => pid > 1);
const untilRuns = (count: number) => until("its pids", () => pids().length === count);
const recordFile = () => join(folder, "home", "run", "web.json");

test("a command that ends well is done; its lines arrive whole, from both streams", async () => {
  const { status } = await start("printf 'a\\nb'; echo c >&2");
  expect(await status).toBe(0);
  expect(lines.sort()).toEqual(["a", "b", "c"]);
  expect(existsSync(recordFile())).toBe(false);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const)("%s reaches the whole group and ends it with %i", async (signal, expected) => {
  // A shell without job control starts what it puts in the background deaf to SIGINT.
  const supervisor = await start(signal === "SIGINT" ? "echo $$; exec sleep 60" : family);
  await untilRuns(signal === "SIGINT" ? 1 : 3);
  supervisor.stop(signal);
  expect(await supervisor.status).toBe(expected);
  expect(pids().filter(alive)).toEqual([]);
});

test("who does not listen is killed after the grace period", async () => {
  const supervisor = await start("trap '' TERM; echo $$; while :; do sleep 0.1; done", {
    grace: 300,
  });
  await untilRuns(1);
  const stopped = Date.now();
  supervisor.stop("SIGTERM");
  expect(await supervisor.status).toBe(143);
  expect(Date.now() - stopped).toBeGreaterThanOrEqual(290);
  expect(pids().filter(alive)).toEqual([]);
});

test("a second signal does not wait for the grace period", async () => {
  const supervisor = await start("trap 'echo heard' INT; echo $$; while :; do sleep 0.1; done", {
    grace: 60_000,
  });
  await untilRuns(1);
  supervisor.stop("SIGINT");
  await until("its answer", () => lines.includes("heard"));
  supervisor.stop("SIGINT");
  expect(await supervisor.status).toBe(130);
});

test("three failures in a row end it with the status of the last", async () => {
  const { status } = await start("echo run; exit 3");
  expect(await status).toBe(3);
  expect(lines).toEqual(["run", "run", "run"]);
  expect(events).toMatchObject([
    { is: "restarting", end: { status: 3 } },
    { is: "restarting", end: { status: 3 } },
    { is: "giving-up", end: { status: 3 } },
  ]);
});

test("it is started again, and what the dead one had started is gone by then", async () => {
  writeFileSync(
    join(folder, "run.sh"),
    "if [ -e seen ]; then exit 0; fi; touch seen; sleep 60 & echo $!; exit 1",
  );
  const { status } = await start("sh run.sh", { grace: 500 });
  expect(await status).toBe(0);
  expect(pids()).toHaveLength(1);
  expect(pids().filter(alive)).toEqual([]);
});

test("a signal between two starts ends it", async () => {
  const supervisor = await start("exit 3");
  await until("its first end", () => events.length === 1);
  supervisor.stop("SIGTERM");
  expect(await supervisor.status).toBe(143);
});

test("a folder that is not there is a sentence", async () => {
  const { status } = await start("true", { cwd: join(folder, "nowhere") });
  await expect(status).rejects.toMatchObject({ code: "PREREQUISITE_MISSING" });
});

test("what a killed supervisor has left is ended by the next one", async () => {
  const orphan = spawn(family, {
    shell: true,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  orphan.stdout.on("data", (text) => lines.push(...String(text).trim().split("\n")));
  await untilRuns(3);
  await (await groupRecord(join(folder, "home"), "web")).note(orphan.pid as number);
  const ended = once(orphan, "exit");

  const { status } = await start("true");
  expect(await status).toBe(0);
  await ended;
  expect(events).toEqual([{ is: "orphan-ended", pid: orphan.pid }]);
  expect(pids().filter(alive)).toEqual([]);
});

test("a record whose pid belongs to another process by now harms nobody", async () => {
  const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  await once(bystander, "spawn");
  await (await groupRecord(join(folder, "home"), "web")).note(bystander.pid as number);
  writeFileSync(recordFile(), JSON.stringify({ pid: bystander.pid, started: "1" }));
  const { status } = await start("true");
  expect(await status).toBe(0);
  expect(bystander.exitCode).toBe(null);
  expect(events).toEqual([]);
  bystander.kill();
  await once(bystander, "exit");
});

test("nothing but the record is ever written, and it holds no environment", async () => {
  const supervisor = await start("echo $$; exec sleep 60", {
    env: { ...process.env, SECRET: "npg_x" },
  });
  await until("the record", () => existsSync(recordFile()));
  expect(readdirSync(join(folder, "home", "run"))).toEqual(["web.json"]);
  expect(Object.keys(JSON.parse(readFileSync(recordFile(), "utf8")))).toEqual(["pid", "started"]);
  supervisor.stop("SIGTERM");
  await supervisor.status;
  expect(existsSync(recordFile())).toBe(false);
});
