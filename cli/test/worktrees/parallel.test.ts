import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// Many worktrees at once, also killed; and processes of several, side by side. Twenty with DS_LONG=1.

const count = process.env.DS_LONG === "1" ? 20 : 4;
const names = Array.from({ length: count }, (_, at) => `tree-${at}`);
const project = new WorktreeProject();
const { json } = project;

beforeAll(async () => {
  const processes = `{ web: { command: "sh -c 'echo port=$PORT'", port: 43210 }, api: { command: "sh -c 'echo port=$PORT'", port: 43310 } }`;
  project.make(`{ project: "shop", processes: ${processes} }`);
  await project.startEngine();
  await project.setUp("shop", "--developer", "phil");
  for (const name of names) project.add(name);
});
afterAll(() => project.remove());

test("set up in parallel, some killed on the way: a database each, and no row in another's", async () => {
  const killed = names.slice(0, Math.ceil(count / 2)).map(async (name, at) => {
    const run = project.start(name, ["setup"]);
    await sleep(50 + ((at * 397) % 1500));
    run.child.kill("SIGKILL");
    await run.ended;
  });
  await Promise.all(killed);
  const ended = await Promise.all(names.map((name) => project.run(name, ["setup", "--json"])));
  expect(ended.map(({ status, stderr }) => [status, status === 0 ? "" : stderr])).toEqual(
    names.map(() => [0, ""]),
  );
  for (const name of names) await project.query(name, `insert into words values ('${name}')`);
  for (const name of names) expect(await project.words(name)).toEqual([name]);
  expect(new Set(names.map((name) => project.env(name).DATABASE_URL)).size).toBe(count);
  const stages = names.map((name) => project.env(name).DEVSTRIDE_STAGE);
  expect(stages).toEqual(names.map((name) => `phil-${name}-local`));
  const { branches } = await json("shop", ["db", "branches"]);
  expect(branches).toHaveLength(count + 2);
});

test("ds local run: the configured port in the main worktree, others elsewhere, always the same", async () => {
  const port = async (folder: string, name: string) => {
    const { stdout, stderr, status } = await project.run(folder, ["local", "run", name]);
    expect(status, stderr).toBe(0);
    return Number(/port=(\d+)/.exec(stdout)?.[1]);
  };
  expect(await port("shop", "web")).toBe(43_210);
  const [one = "", other = ""] = names;
  const ports = [await port(one, "web"), await port(other, "web"), await port(other, "api")];
  expect(ports).toEqual([43_211, 43_212, expect.any(Number)]);
  expect(ports[2]).toBeGreaterThan(43_310);
  expect([await port(one, "web"), await port(other, "web"), await port(other, "api")]).toEqual(
    ports,
  );
});
