import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DsProject } from "../helpers/ds-project.ts";
import { makeShop, query } from "../helpers/refresh/shop.ts";

// kill -9 of a refresh: main is as before or as it was to become, to the byte, and the next one works.

/** How many random moments; with them, every phase is tried. `npm run refresh-kills` asks for twenty. */
const rounds = Number(process.env.TEST_REFRESH_KILLS ?? 0);
const phases = rounds
  ? "scratch source migrate plan prepare copy parents rebuild verify finish swap".split(" ")
  : ["copy", "swap"];

let project: DsProject;
const states: Record<string, string> = {};
let took = 0;

beforeAll(async () => {
  project = await makeShop();
  project.write("killer.mjs", killer);
  for (const organization of ["1", "2"]) {
    const began = Date.now();
    await refresh(organization);
    took = Date.now() - began;
    states[organization] = await dump();
  }
  expect(states["1"]).not.toBe(states["2"]);
});
afterAll(() => project.remove());

const args = (organization: string) => ["db", "refresh-staging", "-o", organization, "--yes"];

async function refresh(organization: string): Promise<string> {
  const { status, stderr } = await project.run(args(organization));
  expect(status, stderr).toBe(0);
  return stderr;
}

const mainUrl = async () => (await project.run(["db", "url", "--target", "main"])).stdout.trim();

/** Schema, rows, sequences: what pg_dump would say of main. */
async function dump(): Promise<string> {
  const [{ text = "" } = {}] = await query<{ text: string }>(
    `select concat_ws(E'\\n',
       (select string_agg(o::text, E'\\n' order by id) from organizations o),
       (select string_agg(o::text, E'\\n' order by id) from orders o),
       (select last_value || ' ' || is_called from orders_id_seq),
       (select string_agg(pg_get_indexdef(indexrelid), E'\\n' order by 1) from pg_index where indrelid = 'orders'::regclass),
       (select string_agg(conname || pg_get_constraintdef(oid) || convalidated, E'\\n' order by conname)
        from pg_constraint where connamespace = 'public'::regnamespace)) as text`,
    await mainUrl(),
  );
  return text;
}

async function branches(target: string): Promise<string[]> {
  const { stdout } = await project.run(["db", "branches", "--target", target, "--json"]);
  return (JSON.parse(stdout).branches as { name: string }[]).map(({ name }) => name);
}

/** Makes a process end itself, as if killed, when it has written down that a phase begins. */
const killer = `
  import fs from "node:fs/promises";
  import { syncBuiltinESMExports } from "node:module";
  const { rename, readFile } = fs;
  fs.rename = async (from, to) => {
    await rename(from, to);
    if (!/refresh.[0-9a-f]+.json$/.test(to)) return;
    if (JSON.parse(await readFile(to, "utf8")).phase === process.env.TEST_KILL_AT) process.kill(process.pid, "SIGKILL");
  };
  syncBuiltinESMExports();`;

const random = Array.from(
  { length: Math.max(1, rounds) },
  (_, at) => (at + Math.random()) / Math.max(1, rounds),
);
const moments = [
  ...phases.map((phase) => ({ name: `at the phase ${phase}`, phase, share: 0 })),
  ...random.map((share) => ({
    name: `after ${Math.round(share * 100)}% of its time`,
    phase: "",
    share,
  })),
];

let holds = "2";
test.each(moments)("killed $name", async ({ phase, share }) => {
  const next = holds === "1" ? "2" : "1";
  const hook = {
    NODE_OPTIONS: `--import ${join(project.path, "killer.mjs")}`,
    TEST_KILL_AT: phase,
  };
  const running = project.start(args(next), phase === "" ? {} : hook);
  const ended = running.ended.then(() => {});
  if (phase === "") {
    // Waits for nothing: some moment of its work.
    await Promise.race([sleep(share * took), ended]);
    running.child.kill("SIGKILL");
  }
  await ended;
  if (phase !== "") expect(running.status, running.stderr).toBeNull();

  const after = await dump();
  const became = [holds, next].find((organization) => states[organization] === after);
  expect(became, "main is as before, or as it was to become").toBeDefined();
  if (phase !== "") expect(became).toBe(holds);

  await refresh(next);
  expect(await dump()).toBe(states[next]);
  const all = [...(await branches("main")), ...(await branches("prod"))];
  expect(all.filter((name) => /^refresh/.test(name))).toEqual([]);
  expect(all.filter((name) => /^main-before/.test(name)).length).toBeLessThanOrEqual(2);
  expect(readdirSync(join(project.home, "refresh"))).toEqual(["mask-key"]);
  holds = next;
});

test("a branch that the API makes only after the killed run is gone as well", async () => {
  const hook = {
    NODE_OPTIONS: `--import ${join(project.path, "killer.mjs")}`,
    TEST_KILL_AT: "source",
  };
  await project.run(args("1"), hook);
  const left = (await branches("main")).filter((name) => name.startsWith("refresh-of-main"));
  expect(left).toHaveLength(1);
  const [late = ""] = left;
  await rename(late, "not-yet-made");

  const journal = () => {
    const file = readdirSync(join(project.home, "refresh")).find((name) => name.endsWith(".json"));
    return JSON.parse(readFileSync(join(project.home, "refresh", file ?? ""), "utf8"));
  };
  const running = project.start(args("1"));
  await running.reaches("its journal", () => journal().pid === running.child.pid);
  await rename("not-yet-made", late);
  const { status, stderr } = await running.ended;
  expect(status, stderr).toBe(0);
  expect(stderr).toContain(`removed ${late}`);
  expect(await branches("main")).not.toContain(late);
});

async function rename(name: string, to: string): Promise<void> {
  const { url } = JSON.parse(readFileSync(join(project.home, "engine.json"), "utf8"));
  const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const at = `${url}/projects/${await projectOfMain()}/branches`;
  const listed = (await (await fetch(at, { headers })).json()) as {
    branches: { id: string; name: string }[];
  };
  const id = listed.branches.find((branch) => branch.name === name)?.id;
  const body = JSON.stringify({ branch: { name: to } });
  expect((await fetch(`${at}/${id}`, { method: "PATCH", headers, body })).status).toBe(200);
}

async function projectOfMain(): Promise<string> {
  const [{ id = "" } = {}] = await query<{ id: string }>(
    "select current_setting('neon.project_id') as id",
    await mainUrl(),
  );
  return id;
}
