import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { until } from "../../../scripts/test-support/until.ts";
import { pulumiComplaint } from "../../src/deploy/pulumi/output.ts";
import { deployCases } from "../helpers/deploy-cases.ts";
import { DeployProject } from "../helpers/deploy-project.ts";
import { pulumi } from "../helpers/tools.ts";

// The same with the real Pulumi and the sample program of infra/; `npm run tools` makes it.

// Each call of Pulumi's is seconds of work, and many more on a machine that does other things.

const sample = fileURLToPath(new URL("../../../infra", import.meta.url));

/** infra/ as it is committed, under the name that the cases know. */
function install(folder: string, packages: string): void {
  for (const file of ["index.js", "stage-record.js", "package.json"]) {
    cpSync(join(sample, file), join(folder, file));
  }
  const yaml = readFileSync(join(sample, "Pulumi.yaml"), "utf8");
  writeFileSync(join(folder, "Pulumi.yaml"), yaml.replace(/^name: .*/m, "name: shop-stage"));
  symlinkSync(packages, join(folder, "node_modules"));
}

/** The lock of an update that has just begun, as soon as it is whole. */
async function lockIn(folder: string): Promise<string> {
  const read = () => {
    const [name = ""] = readdirSync(folder).filter((file) => file.endsWith(".json"));
    const text = readFileSync(join(folder, name), "utf8");
    JSON.parse(text);
    return text;
  };
  return until("the lock", read, { everyMs: 5 });
}

describeWith(pulumi, "the real Pulumi", ({ bin, packages }) => {
  const real = new DeployProject({ bin, install: (folder) => install(folder, packages) });
  const standIn = new DeployProject();
  beforeAll(async () => {
    standIn.make();
    await real.setUp();
  });
  afterAll(async () => {
    await real.remove();
    await standIn.remove();
  });

  deployCases(real);

  test("kill -9 of ds and of Pulumi within an update: up arrives, down leaves nothing", async () => {
    const running = real.start(["deploy", "up", "--pr", "7"]);
    await running.reaches("its stack", () => real.journal("ci-pr-7")?.step === "stack");
    const locks = join(real.state, ".pulumi/locks/organization/shop-stage/ci-pr-7");
    const { pid } = JSON.parse(await lockIn(locks));
    running.child.kill("SIGKILL");
    // The whole group: its plugins would outlive it.
    process.kill(-pid, "SIGKILL");
    await running.ended;
    const up = await real.json(["deploy", "up", "--pr", "7"]);
    expect(up.status, up.stderr).toBe(0);
    expect((await real.ds(["deploy", "down", "--pr", "7", "--yes"])).status).toBe(0);
    expect(await real.leftovers()).toEqual([]);
  });

  test("a lock that is left of making the stack, before there is one", async () => {
    const folder = join(real.state, ".pulumi/locks/organization/shop-stage/ci-pr-6");
    mkdirSync(folder, { recursive: true });
    const dead = {
      pid: 2 ** 22 + 7,
      username: "x",
      hostname: hostname(),
      timestamp: "2026-01-01T00:00:00Z",
    };
    writeFileSync(join(folder, "a.json"), JSON.stringify(dead));
    const up = await real.json(["deploy", "up", "--pr", "6"]);
    expect(up.status, up.stderr).toBe(0);
    await real.ds(["deploy", "down", "--pr", "6", "--yes"]);
    expect(await real.leftovers()).toEqual([]);
  });

  test("no password reaches Pulumi's state or the stack's file", async () => {
    await real.ds(["deploy", "up", "--pr", "8"]);
    const { password = "" } = real.secret("ci-pr-8");
    expect(password).not.toBe("");
    const found = spawnSync("grep", [
      "-rlF",
      password,
      real.state,
      real.infra,
      join(real.env.PULUMI_HOME ?? ""),
    ]);
    expect(found.stdout.toString()).toBe("");
    await real.ds(["deploy", "down", "--pr", "8", "--yes"]);
  });

  describe("says what the stand-in says", () => {
    const stack = "organization/shop-stage/same";
    const config = ["stage=same", "branchId=br-1", "secretName=/ds/x"].flatMap((pair) => [
      "--config",
      `shop-stage:${pair}`,
    ]);
    const script = [
      ["whoami", "--json"],
      ["stack", "ls", "--all", "--json", "--fully-qualify-stack-names"],
      ["up", "--yes", "--skip-preview", "--stack", stack],
      ["stack", "init", stack, "--no-select"],
      ["stack", "init", stack, "--no-select"],
      ["up", "--yes", "--skip-preview", "--stack", stack, ...config],
      ["up", "--yes", "--skip-preview", "--stack", stack, ...config],
      ["preview", "--stack", stack, "--config", "shop-stage:branchId=br-2"],
      ["stack", "output", "--json", "--stack", stack],
      ["stack", "ls", "--all", "--json", "--fully-qualify-stack-names"],
      ["destroy", "--yes", "--skip-preview", "--stack", stack],
      ["stack", "ls", "--all", "--json", "--fully-qualify-stack-names"],
      ["stack", "rm", "--yes", "--stack", stack],
      ["stack", "rm", "--yes", "--stack", stack],
    ];

    /** One that the cases above have not used. */
    const fresh = (project: DeployProject) => join(project.project.folder, "fresh-state");
    const backendOf = (project: DeployProject) => ({
      PULUMI_BACKEND_URL: `file://${fresh(project)}`,
    });
    beforeAll(() => {
      for (const project of [real, standIn]) mkdirSync(fresh(project));
    });

    function say(project: DeployProject, args: string[], env: NodeJS.ProcessEnv = {}) {
      const all = [...args, "--non-interactive", "--color", "never"];
      const ended = spawnSync("pulumi", all, {
        cwd: project.infra,
        env: { ...process.env, ...project.env, ...backendOf(project), ...env },
        encoding: "utf8",
      });
      return { status: ended.status, text: ended.stdout, errors: ended.stderr };
    }

    /** What `ds` reads of an answer: JSON as its shape, an error, a summary; the rest is for people. */
    function shape(args: string[], { status, text, errors }: ReturnType<typeof say>) {
      const read = args.includes("--json") ? types(JSON.parse(text)) : undefined;
      const summary = text.match(/^Resources:\n(?: {4}.*\n)+/m)?.[0];
      return { status, read, summary, error: status === 0 ? "" : pulumiComplaint(errors + text) };
    }

    function types(value: unknown): unknown {
      if (Array.isArray(value)) return value.map(types);
      if (typeof value !== "object" || value === null) return typeof value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, types(item)]));
    }

    test("a stack's whole life", () => {
      for (const args of script) {
        const [one, other] = [say(real, args), say(standIn, args)];
        expect(shape(args, other), args.join(" ")).toEqual(shape(args, one));
      }
    });

    test("without a passphrase, without a login", () => {
      const init = ["stack", "init", "organization/shop-stage/none", "--no-select"];
      for (const env of [
        { PULUMI_CONFIG_PASSPHRASE: undefined },
        { PULUMI_BACKEND_URL: undefined, HOME: "/nowhere" },
      ]) {
        expect(shape(init, say(standIn, init, env))).toEqual(shape(init, say(real, init, env)));
      }
    });

    test("a lock: the same file, the same words", async () => {
      const locked = "organization/shop-stage/locked";
      say(real, ["stack", "init", locked, "--no-select"]);
      const update = ["up", "--yes", "--skip-preview", "--stack", locked, ...config];
      const child = spawn("pulumi", [...update, "--non-interactive"], {
        cwd: real.infra,
        env: { ...process.env, ...real.env, ...backendOf(real) },
        stdio: "ignore",
      });
      const folder = join(fresh(real), ".pulumi/locks", locked);
      const file = await lockIn(folder);
      expect(types(JSON.parse(file))).toEqual({
        pid: "number",
        username: "string",
        hostname: "string",
        timestamp: "string",
      });
      say(standIn, ["stack", "init", locked, "--no-select"]);
      mkdirSync(join(fresh(standIn), ".pulumi/locks", locked), { recursive: true });
      writeFileSync(join(fresh(standIn), ".pulumi/locks", locked, "a.json"), file);
      const words = (project: DeployProject) => say(project, update).errors.split("\n")[0];
      expect(words(standIn)).toBe(words(real));
      const init = ["stack", "init", locked, "--no-select"];
      const first = (project: DeployProject) => say(project, init).errors.split("\n")[0];
      expect(first(standIn)).toBe(first(real));
      await new Promise((ended) => child.on("close", ended));
    });
  });
});
