import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { mcpInspector } from "../helpers/tools.ts";
import { dsProgram } from "./mcp-client.ts";

// The official inspector lists and calls every tool of `ds mcp` over stdio. It starts the server anew for each.

describeWith(mcpInspector, "the inspector", (inspector) => {
  const project = new DsProject(`{ project: "shop" }`);

  beforeAll(async () => {
    project.migrations.add("0000_items", "create table items (id int primary key, label text)");
    const setup = await project.run(["setup", "--developer", "pat"]);
    expect(setup.status, setup.stderr).toBe(0);
  });
  afterAll(() => project.remove());

  async function inspect(...args: string[]) {
    const { stdout } = await promisify(execFile)(
      inspector,
      ["--cli", "-e", `DS_HOME=${project.home}`, process.execPath, dsProgram, "mcp", ...args],
      {
        cwd: project.path,
        env: { PATH: process.env.PATH, HOME: project.folder },
      },
    );
    return JSON.parse(stdout);
  }

  test("lists the tools", async () => {
    const { tools } = await inspect("--method", "tools/list");
    expect(tools.map(({ name }: { name: string }) => name)).toEqual([
      "status",
      "sql",
      "branch",
      "migrate",
      "diff",
      "undo",
    ]);
  });

  test.each<[string, string[], object]>([
    ["status", ["branches=true"], { stage: "pat-local" }],
    ["sql", ["sql=insert into items values (1, 'x')"], { command: "INSERT", affected: 1 }],
    ["sql", ["sql=truncate items"], { command: "TRUNCATE" }],
    ["undo", [], { undone: { what: "statement" } }],
    ["branch", ["action=list"], { branches: [] }],
    ["migrate", ["action=plan"], {}],
    ["diff", ["rows=true"], { equal: false }],
  ])("calls %s with %j", async (tool, given, expected) => {
    const args = given.flatMap((each) => ["--tool-arg", each]);
    const result = await inspect("--method", "tools/call", "--tool-name", tool, ...args);
    expect(result.isError, JSON.stringify(result)).not.toBe(true);
    expect(result.structuredContent).toMatchObject(expected);
  });
});
