import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { moment } from "../../scripts/test-support/moment.ts";
import type { Branch } from "../support/api.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";

// The official command line's ways into the past, unmodified, against the engine.
describe("neon's own time travel", () => {
  const machine = new NeonMachine();
  let project: string;

  beforeAll(async () => {
    await machine.start();
    project = await machine.createProject("past");
  });

  afterAll(() => machine.close());

  const neon = (...args: string[]) => machine.text(...args);
  const json = <T>(...args: string[]) => machine.json<T>(...args);
  const urlOf = (branch: string) => machine.url(project, branch);
  const texts = async (branch: string) =>
    (await query<{ text: string }>(await urlOf(branch), "select text from notes order by 1")).map(
      ({ text }) => text,
    );
  const write = async (branch: string, text: string) =>
    query(await urlOf(branch), "insert into notes values ($1)", [text]);
  let then: string;

  test("branches create from a moment and from a position", async () => {
    await query(await urlOf("main"), "create table notes (text text)");
    await write("main", "one");
    then = await moment();
    const [row] = await query<{ lsn: string }>(
      await urlOf("main"),
      "select pg_current_wal_insert_lsn()::text as lsn",
    );
    await write("main", "two");
    await neon("branches", "create", "--name", "by-time", "--parent", then);
    await neon("branches", "create", "--name", "by-lsn", "--parent", row?.lsn ?? "");
    expect(await texts("by-time")).toEqual(["one"]);
    expect(await texts("by-lsn")).toEqual(["one"]);
  });

  test("branches restore to its own past, and to another's", async () => {
    const url = await urlOf("main");
    const preserve = ["--preserve-under-name", "main-before"];
    await neon("branches", "restore", "main", `^self@${then}`, ...preserve);
    expect(await texts("main")).toEqual(["one"]);
    expect(await urlOf("main")).toBe(url);
    await neon("branches", "create", "--name", "other", "--parent", "main");
    await write("other", "other's");
    await neon("branches", "restore", "other", "main");
    expect(await texts("other")).toEqual(["one"]);
  });

  test("snapshots: create, list, get, update, restore, finalize, delete", async () => {
    const url = await urlOf("other");
    const made = await json<{ id: string }>(
      "snapshots",
      "create",
      "--branch",
      "other",
      "--name",
      "s1",
    );
    await write("other", "mistake");
    await neon("snapshots", "update", "s1", "--name", "s2", "--expires-at", "2099-01-01T00:00:00Z");
    await neon("snapshots", "update", "s2", "--clear-expiration");
    expect(await json("snapshots", "get", "s2")).toMatchObject({ id: made.id, name: "s2" });
    await neon("snapshots", "restore", "s2", "--name", "preview");
    expect(await texts("preview")).toEqual(["one"]);
    await neon("snapshots", "finalize", "preview", "--name", "other-old");
    expect(await texts("other")).toEqual(["one"]);
    expect(await urlOf("other")).toBe(url);
    expect(await texts("other-old")).toEqual(["mistake", "one"]);
    const branches = await json<Branch[]>("branches", "list");
    expect(branches.map(({ name }) => name)).not.toContain("preview");
    await neon("snapshots", "delete", "s2");
    expect(await json("snapshots", "list")).toEqual([]);
  });

  test("snapshots schedule", async () => {
    const set = ["--branch", "main", "--frequency", "daily", "--hour", "3", "--retention", "7200"];
    await neon("snapshots", "schedule", "set", ...set);
    expect(await json("snapshots", "schedule", "get", "--branch", "main")).toEqual([
      { frequency: "daily", hour: 3, retention_seconds: 7200 },
    ]);
  });
});
