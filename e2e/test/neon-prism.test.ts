import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../scripts/test-support/needs.ts";
import { PrismBetween, prism } from "../../scripts/test-support/prism.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";
import { ended } from "../support/run.ts";

/** Neon's own command line through a proxy that holds its requests, and the engine's answers, against Neon's description. */
describeWith(prism, "neon through Prism", (program) => {
  const machine = new NeonMachine();
  let between: PrismBetween;

  beforeAll(async () => {
    await machine.start();
    between = await PrismBetween.start(program, machine.api.url);
    machine.through = between.url;
  });

  afterAll(async () => {
    await between?.stop();
    await machine.close();
  });

  /** Ends with 0, and with all of its requests and answers as described. */
  async function neon(...args: string[]): Promise<void> {
    ended(await machine.neon(...args), 0);
    expect(between.violations).toEqual([]);
  }

  test("0 violations either way", async () => {
    await neon("me");
    await neon("projects", "create", "--name", "shop");
    const project = await machine.api.projectId("shop");
    const inProject = ["--project-id", project];
    await query(
      await machine.url(project, "main"),
      "create table notes (id int primary key); insert into notes select generate_series(1, 9)",
    );
    await neon("projects", "list");
    await neon("projects", "get", project);
    await neon("projects", "update", project, "--name", "shop");
    await neon("link", ...inProject, "--branch", "main", "--no-env-pull");
    await neon("checkout", "f1", "--create");
    await neon("env", "pull");
    await neon("status");
    await neon("diff");
    await neon("inspect", "db", "table-sizes");
    await neon("snapshots", "list");
    const branches = (...args: string[]) => neon("branches", ...args, ...inProject);
    await branches("list");
    await branches("create", "--name", "f2");
    await branches("create", "--name", "f3", "--schema-only");
    await branches("get", "f2");
    await branches("rename", "f2", "f4");
    await branches("reset", "f4", "--parent");
    await branches(
      "set-expiration",
      "f4",
      "--expires-at",
      new Date(Date.now() + 9e6).toISOString(),
    );
    await branches("schema-diff", "main", "f1");
    await branches("restore", "f4", "main");
    await neon("databases", "list", ...inProject);
    await neon("databases", "create", "--name", "second", "--branch", "f4", ...inProject);
    await neon("databases", "delete", "second", "--branch", "f4", ...inProject);
    await neon("roles", "list", ...inProject);
    await neon("roles", "create", "--name", "reader", "--branch", "f4", ...inProject);
    await neon("roles", "delete", "reader", "--branch", "f4", ...inProject);
    await neon("operations", "list", ...inProject);
    await neon("connection-string", "f4", ...inProject);
    await branches("delete", "f4");
    await neon("projects", "delete", project);
    expect(between.requests).toBeGreaterThan(60);
  });
});
