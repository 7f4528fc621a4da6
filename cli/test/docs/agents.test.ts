import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TemporaryFolder } from "../../../scripts/test-support/temporary-folder.ts";
import { agentFiles, agentNames } from "../../src/agents/install/files.ts";
import { longestAnswer } from "../../src/agents/mcp/answer.ts";
import { tools } from "../../src/agents/mcp/tools.ts";
import { evaluateConfig } from "../../src/config/io/evaluate.ts";
import { completeConfig } from "../../src/config/project-config.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { dsInProcess } from "../helpers/in-process.ts";

// docs/agents.md is true: its configuration is loaded, its example is run, and no tool, action, flag or file is missing in it.

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/agents.md"), "utf8");
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? "";

const temporary = new TemporaryFolder("ds-test-docs-");
const project = new DsProject(`{ project: "shop" }`);

beforeAll(() => {
  temporary.make();
});
afterAll(async () => {
  await project.remove();
  await temporary.remove();
});

const help = async (...command: string[]) => {
  const place = { cwd: temporary.path, home: temporary.path, env: {} };
  return (await dsInProcess(place, [...command, "--help"])).stdout;
};

describe("ds mcp", () => {
  test("the client's configuration starts it", () => {
    expect(JSON.parse(block("json")).mcpServers.ds).toEqual({
      command: "npx",
      args: ["ds", "mcp"],
    });
  });

  test("every tool and action has a place on the page, and no other", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)];
    const described = new Map(rows.map(([, name, text]) => [name, text]));
    for (const [name, { input }] of Object.entries(tools)) {
      const said = described.get(name) ?? "";
      expect(said, name).not.toBe("");
      const { action } = input.shape as { action?: { options: string[] } };
      for (const each of action?.options ?? []) expect(said, name).toContain(`\`${each}\``);
    }
  });

  test("the limits that it names are those of the sources", () => {
    expect(page).toContain(`${longestAnswer / 1024} KiB`);
    expect(tools.sql.input.safeParse({ sql: "x", rows: 1000 }).success).toBe(true);
    expect(tools.sql.input.safeParse({ sql: "x", rows: 1001 }).success).toBe(false);
  });
});

describe("ds agent exec", () => {
  test("every flag is in its table", async () => {
    const flags = [...(await help("agent", "exec")).matchAll(/--([a-z][a-z-]+)/g)].map(
      ([flag]) => flag,
    );
    const common = new Set(["--json", "--verbose", "--local", "--wait", "--help"]);
    const missing = [...new Set(flags)].filter(
      (flag) => !common.has(flag) && !page.includes(`| \`${flag}\``),
    );
    expect(missing).toEqual([]);
  });

  test("the example says what the command says", async () => {
    project.migrations.add("0000_a", "create table a (id int)");
    project.write("package.json", `{ "scripts": { "test": "exit 0" } }`);
    const setup = await project.run(["setup", "--developer", "phil"]);
    expect(setup.status, setup.stderr).toBe(0);
    const [first = "", ...expected] = block("console").trim().split("\n");
    const args = first.replace("$ ds ", "").split(" ");
    const { stderr, status } = await project.run(args);
    expect(status).toBe(0);
    const plain = (line: string) => line.replace(/ \(\d+\.\d s\)$/, "");
    expect(stderr.trim().split("\n").map(plain)).toEqual(expected.map(plain));
  });
});

test("the configuration with limits is one", async () => {
  const folder = join(temporary.path, "limits");
  mkdirSync(folder);
  const file = join(folder, "ds.config.ts");
  writeFileSync(file, block("ts"));
  const { limits } = completeConfig(await evaluateConfig(file, folder), folder, file);
  expect(limits).toEqual({ branches: 20, bytes: 50 * 1024 ** 3 });
});

test.each(agentNames.map((name) => [name]))("the files of %s are named", (name) => {
  const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";
  for (const { path } of agentFiles(name, ["npx", "ds"])) expect(row).toContain(`\`${path}\``);
});
