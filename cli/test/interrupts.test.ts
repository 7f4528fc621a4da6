import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { longRun } from "../../scripts/test-support/needs.ts";
import type { Ended } from "../../scripts/test-support/program.ts";
import { connectPostgres } from "../src/postgres/io/connect.ts";
import { ApiProxy } from "./helpers/api-proxy.ts";
import { DsProject } from "./helpers/ds-project.ts";

// What an interrupted command says is so, whenever the signal comes: at each request of the API that it makes.

const config = (seed: string) => `{ project: "shop"${seed} }`;
const project = new DsProject(config(""));
/** Of dev-pat-local. */
let url = "";
let proxy: ApiProxy;
let api: Record<string, string>;

beforeAll(async () => {
  project.migrations.add("0000_a", "create table a (id int);");
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  // Not for the first set-up.
  const seed = `, seed: { command: "touch seeding && exec sleep 60" }`;
  project.write("ds.config.ts", `export default ${config(seed)};\n`);
  url = project.url;
  const engine = JSON.parse(readFileSync(join(project.home, "engine.json"), "utf8"));
  const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
  proxy = await ApiProxy.start(new URL(engine.url).origin, key);
  api = { NEON_API_HOST: proxy.url, NEON_API_KEY: key };
});
afterAll(async () => {
  await proxy?.stop();
  await project.remove();
});

async function query<T>(text: string): Promise<T[]> {
  const client = await connectPostgres(url, { what: "the test" });
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const ok = async (args: string[]) => {
  const { status, stderr } = await project.run(args);
  expect(status, stderr).toBe(0);
};
const names = async (): Promise<string[]> => {
  const { stdout } = await project.run(["db", "branches", "--json"]);
  return JSON.parse(stdout).branches.map(({ name }: { name: string }) => name);
};
const has = async (name: string) => (await names()).includes(name);
const hasTable = async (name: string) =>
  (await query<{ t: string | null }>(`select to_regclass('${name}')::text as t`))[0]?.t !== null;

interface Case {
  args: string[];
  /** Makes what the command is to change. */
  prepare(): Promise<unknown>;
  happened(): Promise<boolean>;
  /** The clause that says so. */
  done: RegExp;
}

const gone = (name: string) => async () => {
  if (await has(name)) await ok(["db", "delete", name, "--yes"]);
};
const withTable = () => query("create table if not exists mine (id int)");
/** Another case sets the checkout up for somebody else, who may not change this one's branch. */
const asPat = () => ok(["setup", "--developer", "pat"]);

const cases: Record<string, Case> = {
  create: {
    args: ["db", "create", "made"],
    prepare: gone("made"),
    happened: () => has("made"),
    done: /the branch made was created/,
  },
  delete: {
    args: ["db", "delete", "made", "--yes"],
    prepare: async () => (await has("made")) || ok(["db", "create", "made"]),
    happened: async () => !(await has("made")),
    done: /the branch \S+ was deleted/,
  },
  setup: {
    args: ["setup", "--developer", "kim"],
    prepare: gone("dev-kim-local"),
    happened: () => has("dev-kim-local"),
    done: /the branch dev-kim-local was created/,
  },
  reset: {
    args: ["db", "reset", "--target", "pat-local", "--yes"],
    prepare: async () => {
      await asPat();
      await withTable();
    },
    happened: async () => !(await hasTable("mine")),
    done: /dev-pat-local was reset to main/,
  },
};

const longCases: Record<string, Case> = {
  undo: {
    args: ["db", "undo", "--target", "pat-local", "--yes"],
    prepare: async () => {
      await asPat();
      await query("drop table if exists mine");
      await ok(["db", "reset", "--yes", "--target", "pat-local"]);
      await withTable();
    },
    happened: async () => !(await hasTable("mine")),
    done: /dev-pat-local was brought back to its state before the reset of/,
  },
};

/** Runs the command, and sends the signal when it makes its n-th request, counted from 0. */
async function interruptedAt(
  args: string[],
  at: number,
  signal: NodeJS.Signals,
): Promise<Ended & { requests: string[] }> {
  const requests: string[] = [];
  proxy.before = async (request) => {
    requests.push(request);
    if (requests.length - 1 === at) running.child.kill(signal);
  };
  const running = project.start([...args, "--json"], api);
  const ended = await running.ended;
  proxy.before = async () => {};
  return { ...ended, requests };
}

/** Before the first change, and while it is made; in a long run at every request. */
function moments(requests: string[]): number[] {
  if (longRun.find() !== undefined) return requests.map((_, at) => at);
  const change = requests.findIndex((request) => !request.startsWith("GET "));
  return [change - 1, change];
}

describe("a signal at each request", () => {
  const all = longRun.find() === undefined ? cases : { ...cases, ...longCases };
  test.each(Object.entries(all))("%s", async (_, { args, prepare, happened, done }) => {
    await prepare();
    const whole = await interruptedAt(args, -1, "SIGINT");
    expect(whole.status, whole.stderr).toBe(0);
    const seen = new Set<string>();
    for (const at of moments(whole.requests)) {
      await prepare();
      const signal = at % 2 === 0 ? "SIGINT" : "SIGTERM";
      const { status, stdout, stderr, requests } = await interruptedAt(args, at, signal);
      const story = `at ${at}: ${requests[at]}\n${stderr}`;
      expect(status, story).toBe(130);
      const { error } = JSON.parse(stdout);
      expect(error.code, story).toBe("INTERRUPTED");
      const changed = await happened();
      expect(error.outcome, story).toBe(changed ? "changed" : "unchanged");
      if (changed) expect(error.message, story).toMatch(done);
      expect(error.message, story).toMatch(/^Interrupted; .+\.$/);
      expect(error.message, story).not.toContain(". ");
      expect(stderr.match(/^error: /gm), story).toHaveLength(1);
      seen.add(error.outcome);
    }
    expect([...seen].sort()).toEqual(["changed", "unchanged"]);
  });
});

test("while the seed command runs: it is stopped, what it has loaded is there, and how to remove it", async () => {
  await asPat();
  const running = project.start(["db", "seed", "--target", "pat-local", "--json"], api);
  await running.reaches("the seed", () => existsSync(join(project.path, "seeding")));
  running.child.kill("SIGTERM");
  const { status, stdout, stderr } = await running.ended;
  expect(status, stderr).toBe(130);
  const { error } = JSON.parse(stdout);
  expect(error).toMatchObject({ code: "INTERRUPTED", outcome: "changed" });
  expect(error.message).toMatch(/^Interrupted; the seed command was stopped, .* dev-pat-local\.$/);
  expect(error.hint).toMatch(/^To remove it: ds db restore --at \S+ --target pat-local$/);
});

test("the second one quits at once, and says what may be", async () => {
  await gone("made")();
  let arrived = () => {};
  const held = new Promise<void>((come) => {
    arrived = come;
  });
  proxy.before = async (request) => {
    if (!request.startsWith("POST ")) return undefined;
    arrived();
    return new Promise(() => {}); // Until the test's end it is under way.
  };
  const running = project.start(["db", "create", "made", "--json"], api);
  await held;
  running.child.kill("SIGINT");
  await running.says("Press Ctrl-C again to quit now.");
  running.child.kill("SIGINT");
  const { status, stdout, stderr } = await running.ended;
  proxy.before = async () => {};
  expect(status).toBe(130);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "INTERRUPTED", outcome: "unknown" });
  expect(stderr).toMatch(/^error: Quit at once; the branch made may have been created\.$/m);
});
