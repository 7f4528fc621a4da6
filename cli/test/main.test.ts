import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inPath, testWith, tool } from "../../scripts/test-support/needs.ts";
import packageJson from "../package.json" with { type: "json" };
import { ds, startDs } from "./helpers/command.ts";
import { withScratchFolder } from "./helpers/scratch.ts";

// What holds for every command, without an engine.

const scratch = withScratchFolder();
const cwd = join(scratch.path, "project");
const env = { DS_HOME: join(scratch.path, "home") };
const run = (...args: string[]) => ds(cwd, args, env);

// No git checkout: in one, `ds` works without a configuration, and starts an engine.
beforeAll(() => mkdirSync(cwd));

describe("help", () => {
  const routes = [
    [],
    ["setup"],
    ["init"],
    ["doctor"],
    ["completion"],
    ["db"],
    ["engine"],
    ["engine", "volume"],
    ["local"],
    ["mcp"],
    ...["install", "uninstall", "exec"].map((name) => ["agent", name]),
    ...[
      "status",
      "current",
      "branches",
      "create",
      "delete",
      "url",
      "migrate",
      "reset",
      "connect",
    ].map((name) => ["db", name]),
    ...["start", "stop", "status", "logs", "env"].map((name) => ["engine", name]),
  ];

  test.each(routes.map((route) => [["ds", ...route].join(" "), route]))(
    "%s",
    async (name, route) => {
      const { status, stdout, stderr } = await run(...route, "--help");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toContain(`USAGE\n  ${name}`);
    },
  );

  test("without a command; the version", async () => {
    expect((await run()).stdout).toContain("USAGE\n  ds setup");
    expect(await run("--version")).toMatchObject({ status: 0, stdout: `${packageJson.version}\n` });
  });
});

describe("bad usage", () => {
  test.each<[string[], string, string]>([
    [["stauts"], "`stauts`", "ds --help"],
    [["db", "statsu"], "`status`", "ds db --help"],
    [["db", "status", "--colour"], "--colour", "ds db status --help"],
    [["db", "status", "--targte", "x"], "--target", "ds db status --help"],
    [["db", "status", "extra"], "extra", "ds db status --help"],
    [["db", "create"], "name", "ds db create --help"],
    [["db", "status", "--target"], "target", "ds db status --help"],
    [["engine", "logs", "--lines", "many"], "--lines", ""],
    [["engine", "volume", "create", "--size", "20; rm -rf /"], "--size", ""],
  ])("%j: exit 2, one message that names it, as text and as JSON", async (args, named, hint) => {
    const text = await run(...args);
    expect(text).toMatchObject({ status: 2, stdout: "" });
    expect(text.stderr).toContain(named);
    expect(text.stderr).toContain(hint);
    const json = await run(...args, "--json");
    expect(json.status).toBe(2);
    expect(JSON.parse(json.stdout)).toEqual({
      error: expect.objectContaining({ code: "USAGE", message: expect.stringContaining(named) }),
    });
  });

  test("--json after -- is an argument, not a wish", async () => {
    const { stdout } = await run("db", "statsu", "--", "--json");
    expect(stdout).toBe("");
  });
});

describe("surroundings", () => {
  test("no configuration: exit 3, and what to do", async () => {
    const { status, stderr } = await run("db", "status");
    expect(status).toBe(3);
    expect(stderr).toMatch(/no ds\.config\.ts here or above.*ds init/s);
  });

  test("a relative DS_HOME: exit 3", async () => {
    expect(await ds(cwd, ["engine", "status"], { DS_HOME: "home" })).toMatchObject({ status: 3 });
  });

  test("a home that is a file: exit 3, naming it", async () => {
    const home = join(scratch.path, "a-file");
    writeFileSync(home, "");
    writeFileSync(join(cwd, "ds.config.ts"), `export default { project: "p" };`);
    const { status, stderr } = await ds(cwd, ["db", "status"], { DS_HOME: home });
    rmSync(join(cwd, "ds.config.ts"));
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(home) });
  });

  test("nothing to stop, nothing to show: exit 0", async () => {
    const home = env.DS_HOME;
    const stopped = await run("engine", "stop", "--json");
    expect(stopped.status).toBe(0);
    expect(JSON.parse(stopped.stdout)).toEqual({ stopped: false, home });
    const { status, stdout } = await run("engine", "status", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ running: false, home });
  });

  test("a stack only with DS_DEBUG", async () => {
    const debugged = await ds(cwd, ["db", "status"], { ...env, DS_DEBUG: "1" });
    expect(debugged.stderr).toMatch(/^\s+at /m);
    expect((await run("db", "status")).stderr).not.toMatch(/^\s+at /m);
  });

  test("a reader that goes away is no error", () => {
    const command = `"${process.execPath}" cli/bin/ds.js db --help | head -n 1`;
    const { status, stdout, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", command], {
      encoding: "utf8",
    });
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: "", stdout: "USAGE\n" });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s while following a log is how that ends: exit 0",
    async (signal) => {
      mkdirSync(env.DS_HOME, { recursive: true });
      writeFileSync(join(env.DS_HOME, "engine.log"), "one\ntwo\nthree\n");
      const follow = startDs(cwd, ["engine", "logs", "--follow", "-n", "2"], env);
      await new Promise((first) => follow.child.stdout?.once("data", first));
      follow.child.kill(signal);
      expect(await follow.ended).toMatchObject({ status: 0, stdout: "two\nthree\n" });
    },
  );
});

test("a signal in its very last moment does not end it without its status", async () => {
  const home = join(scratch.path, "none");
  for (let round = 0; round < 5; round += 1) {
    const running = startDs(cwd, ["engine", "status", "--json"], { DS_HOME: home });
    await running.says("}");
    // Whenever its end begins, one of them meets it.
    const shower = setInterval(() => running.child.kill("SIGINT"), 1);
    const { signal, stdout } = await running.ended;
    clearInterval(shower);
    expect({ signal, document: JSON.parse(stdout) }).toEqual({
      signal: null,
      document: { running: false, home },
    });
  }
});

describe("Ctrl-C", () => {
  const server = createServer(() => {});
  let api: NodeJS.ProcessEnv;
  beforeAll(async () => {
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address() as AddressInfo;
    api = { ...env, NEON_API_HOST: `http://127.0.0.1:${port}`, NEON_API_KEY: "napi_x" };
    mkdirSync(join(cwd, "drizzle"), { recursive: true });
  });
  afterAll(async () => {
    rmSync(join(cwd, "drizzle"), { recursive: true });
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s while waiting for the API: exit 130, a message, and one document with --json",
    async (signal) => {
      const waiting = startDs(cwd, ["db", "branches", "--json"], {
        ...api,
        DEVSTRIDE_STAGE: "a-b",
      });
      await new Promise((asked) => server.once("connection", asked));
      waiting.child.kill(signal);
      const { status, stdout, stderr } = await waiting.ended;
      expect(status).toBe(130);
      expect(JSON.parse(stdout).error.code).toBe("INTERRUPTED");
      expect(stderr).toMatch(/^error: /);
    },
  );
});

describe("init", () => {
  test("writes a configuration that loads, once", async () => {
    mkdirSync(join(cwd, "server", "drizzle"), { recursive: true });
    const made = await run("init", "--json", "--project", 'a "quoted" name');
    expect(JSON.parse(made.stdout)).toMatchObject({ migrations: join("server", "drizzle") });
    const again = await run("init", "--json");
    expect(again.status).toBe(5);
    expect(JSON.parse(again.stdout).error).toMatchObject({
      code: "CONFLICT",
      reason: "CONFIG_EXISTS",
      message: expect.stringContaining("ds.config.ts"),
    });
    const used = await ds(cwd, ["db", "status"], {
      ...env,
      NEON_API_HOST: "http://127.0.0.1:1",
      NEON_API_KEY: "napi_x",
    });
    expect(used).toMatchObject({ status: 8 });
  });

  const initIn = async (name: string, drizzleConfig: string) => {
    const folder = join(scratch.path, name);
    mkdirSync(join(folder, "server"), { recursive: true });
    writeFileSync(join(folder, "server", "drizzle.config.ts"), drizzleConfig);
    const { status, stdout, stderr } = await ds(folder, ["init", "--json"], env);
    expect(status, stderr).toBe(0);
    const text = readFileSync(join(folder, "ds.config.ts"), "utf8");
    return { document: JSON.parse(stdout), text, stderr };
  };

  test("takes folder and ledger from a drizzle config, and writes only what is not the default", async () => {
    const { document, text } = await initIn(
      "from-drizzle",
      `export default { dialect: "postgresql", out: "./sql", migrations: { table: "log" } };`,
    );
    expect(document).toMatchObject({
      migrations: join("server", "sql"),
      ledger: { table: "log" },
      from: join("server", "drizzle.config.ts"),
    });
    expect(text).toContain(`    folder: "server/sql",\n    table: "log",\n`);
    expect(text).not.toContain("schema:");
  });

  test("from one that cannot be used it takes nothing, says so, and writes the ledger out to be looked at", async () => {
    const { document, text, stderr } = await initIn("no-use", `throw new Error("no variable");`);
    expect(document).toMatchObject({ migrations: null, from: null });
    expect(stderr).toMatch(/server.drizzle\.config\.ts cannot be used: .*no variable; look at/);
    expect(text).toContain(`    schema: "drizzle",\n    table: "__drizzle_migrations",\n`);
  });
});

describe("completion", () => {
  const program = fileURLToPath(new URL("../bin/ds.js", import.meta.url));
  /** What bash would offer behind these words, the last of which is being typed. */
  const offered = (...words: string[]) => {
    const script = `eval "$("$0" completion bash)"
      COMP_WORDS=("$0" "$@"); COMP_CWORD=$#; _ds; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync("bash", ["-c", script, program, ...words], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    return stdout.trim().split("\n");
  };

  test("bash: commands, groups, flags; nothing for what is no command", () => {
    expect(offered("doc")).toEqual(["doctor"]);
    expect(offered("db", "re")).toEqual([
      "rename",
      "resolve",
      "rebase",
      "reset",
      "refresh-staging",
      "restore",
    ]);
    expect(offered("db", "migrate", "--with")).toEqual(["--with-load"]);
    expect(offered("nope", "")).toEqual([""]);
  });

  test("outside of any project: no names, and no complaint", async () => {
    const words = ["__complete", "db", "reset", "--target", ""];
    expect(await ds(scratch.path, words, env)).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  for (const need of [inPath("bash"), tool("zsh"), tool("fish")]) {
    testWith(need, `${need.name} takes the script`, async (shell) => {
      const { status, stdout } = await run("completion", shell);
      expect(status).toBe(0);
      const script = join(scratch.path, `completion.${shell}`);
      writeFileSync(script, stdout);
      expect(spawnSync(shell, ["-n", script], { encoding: "utf8" })).toMatchObject({
        status: 0,
        stderr: "",
      });
    });
  }

  test("a shell that it does not know is refused, with those that it does", async () => {
    const { status, stderr } = await run("completion", "tcsh");
    expect(status).toBe(2);
    expect(stderr).toContain("bash, zsh, fish");
  });
});
