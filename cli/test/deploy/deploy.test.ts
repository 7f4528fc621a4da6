// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { processesMentioning } from "../../../scripts/processes.mjs";
import { longRun, testWith } from "../../../scripts/test-support/needs.ts";
import type { Program } from "../../../scripts/test-support/program.ts";
import { until } from "../../../scripts/test-support/until.ts";
import { deployCases } from "../helpers/deploy-cases.ts";
import { DeployProject } from "../helpers/deploy-project.ts";
import { startFaultyApi } from "../helpers/faulty-api.ts";

// Cloud stages on a real engine; Pulumi is stood in for, as deploy-real.test.ts has the real one.

const project = new DeployProject();
/** The same at more places, for a run that may take its time. */
const long = longRun.find();
const ci = ["--developer", "ci", "--branch", "pr-142"];
beforeAll(() => project.setUp());
afterAll(() => project.remove());

describe("a stage's life", () => deployCases(project));

describe("names", () => {
  beforeAll(async () => {
    const { document } = await project.json(["deploy", "up", "feature/auth-v2"]);
    expect(document.stage).toBe("pat-feature-auth-v2");
  });
  afterAll(async () => {
    await project.ds(["deploy", "down", "feature/auth-v2", "--yes"]);
  });

  test("a branch that another git branch made is not joined, and not taken down", async () => {
    const joined = await project.json(["deploy", "up", "feature-auth/v2"]);
    const theirs = { reason: "BRANCH_OF_OTHER_STAGE", stamp: { gitBranch: "feature/auth-v2" } };
    expect(joined).toMatchObject({
      status: 5,
      document: { error: { code: "CONFLICT", ...theirs } },
    });
    expect(project.journal("pat-feature-auth-v2")).toBeUndefined();
    const down = await project.json(["deploy", "down", "feature-auth/v2", "--yes"]);
    expect(down).toMatchObject({ status: 6, document: { error: { code: "REFUSED", ...theirs } } });
    expect(await project.branches()).toContain("dev-pat-feature-auth-v2");
  });

  test("a person's secret can be brought back for a while: the next up does", async () => {
    const down = await project.json(["deploy", "down", "feature/auth-v2", "--yes"]);
    expect(down.document).toMatchObject({ secret: "deleted", secretRecoveryDays: 7 });
    const { document } = await project.json(["deploy", "list"]);
    expect(document.stages).toMatchObject([{ stage: "pat-feature-auth-v2", branch: null }]);
    expect(document.stages[0].secret.deletedAt).toMatch(/^2/);
    const again = await project.json(["deploy", "up", "feature/auth-v2"]);
    expect(again.document.secret.change).toBe("restored");
    const { url, branchId } = project.secret("pat-feature-auth-v2");
    expect(branchId).toBe(again.document.branch.id);
    await project.query(url ?? "", "select 1 from b");
  });

  test("a stack in another backend than the one that was stamped is not doubled", async () => {
    const elsewhere = { PULUMI_BACKEND_URL: `file://${project.project.folder}` };
    const up = await project.json(["deploy", "up", "feature/auth-v2"], elsewhere);
    const refusal = { reason: "STACK_ELSEWHERE", backend: `file://${project.state}` };
    expect(up).toMatchObject({ status: 5, document: { error: { code: "CONFLICT", ...refusal } } });
    const down = await project.json(["deploy", "down", "feature/auth-v2", "--yes"], elsewhere);
    expect(down).toMatchObject({ status: 6, document: { error: { code: "REFUSED", ...refusal } } });
    const config = readFileSync(join(project.project.path, "ds.config.ts"), "utf8");
    project.project.write("ds.config.ts", `export default { project: "shop" };\n`);
    const without = await project.json(["deploy", "down", "feature/auth-v2", "--yes"]);
    project.project.write("ds.config.ts", config);
    expect(without).toMatchObject({
      status: 6,
      document: { error: { code: "REFUSED", ...refusal, usedBackend: null } },
    });
    const args = ["deploy", "down", "feature/auth-v2", "--yes", "--force"];
    const forced = await project.json(args, elsewhere);
    expect(forced).toMatchObject({
      status: 6,
      document: {
        error: { reason: "STACK_LEFT", cause: "STACK_ELSEWHERE", down: { stack: "left" } },
      },
    });
    expect(await project.branches()).not.toContain("dev-pat-feature-auth-v2");
    const again = await project.json(["deploy", "down", "feature/auth-v2", "--yes"]);
    expect(again.document).toMatchObject({ stack: "removed", branch: "absent" });
  });
});

describe("ds points at another project than the one that has the stage", () => {
  test("its secret is neither overwritten nor deleted, and its stack stays", async () => {
    const change = (edit: (value: string) => string) =>
      project.editSecret("pat-feature-auth-v2", edit);
    await project.ds(["deploy", "up", "feature/auth-v2"]);
    const own = change((value) =>
      JSON.stringify({ ...JSON.parse(value), projectId: "their-project-1" }),
    );
    for (const [command, status] of [
      ["up", 5],
      ["down", 6],
    ] as const) {
      const yes = command === "down" ? ["--yes"] : [];
      const ended = await project.json(["deploy", command, "feature/auth-v2", ...yes]);
      expect(ended.status, ended.stderr).toBe(status);
      expect(ended.document.error).toMatchObject({
        reason: "SECRET_OF_OTHER_PROJECT",
        owner: "their-project-1",
      });
    }
    expect(project.secret("pat-feature-auth-v2").projectId).toBe("their-project-1");
    expect(await project.branches()).toContain("dev-pat-feature-auth-v2");
    expect(project.journal("pat-feature-auth-v2")).toBeUndefined();
    change(() => own);
    await project.ds(["deploy", "down", "feature/auth-v2", "--yes"]);
  });
});

describe("failures", () => {
  afterEach(async () => {
    await project.ds(["deploy", "down", "--pr", "142", "--yes"]);
    expect((await project.leftovers()).filter((name) => name.includes("ci-"))).toEqual([]);
  });

  test("pulumi up fails: the rest is in place, list says so, the next up goes on", async () => {
    const fault = project.fault("up", "bucket quota exceeded");
    const failed = await project.json(["deploy", "up", ...ci]);
    expect(failed).toMatchObject({
      status: 8,
      document: {
        error: {
          code: "UPSTREAM",
          reason: "PULUMI_FAILED",
          said: "error: bucket quota exceeded",
          step: "stack",
        },
      },
    });
    expect(await project.branches()).toContain("dev-ci-pr-142");
    await project.query(project.secret("ci-pr-142").url ?? "", "select 1 from b");
    const { document } = await project.json(["deploy", "list"]);
    expect(document.stages[0].unfinished).toMatchObject({ command: "up", step: "stack" });
    fault.clear();
    const next = await project.json(["deploy", "up", ...ci]);
    expect(next.document).toMatchObject({
      resumed: { command: "up", step: "stack" },
      branch: { created: false },
      secret: { change: "unchanged" },
    });
    expect(project.journal("ci-pr-142")).toBeUndefined();
  });

  test("a stack that cannot be destroyed keeps the branch; --force does not", async () => {
    await project.ds(["deploy", "up", ...ci]);
    const fault = project.fault("destroy", "volume is attached");
    const kept = await project.json(["deploy", "down", ...ci, "--yes"]);
    expect(kept).toMatchObject({ status: 8, document: { error: { step: "stack" } } });
    expect(project.secret("ci-pr-142").stage).toBe("ci-pr-142");
    expect(await project.branches()).toContain("dev-ci-pr-142");
    const forced = await project.json(["deploy", "down", ...ci, "--yes", "--force"]);
    expect(forced.status).toBe(8);
    expect(await project.branches()).not.toContain("dev-ci-pr-142");
    expect(project.journal("ci-pr-142")).toMatchObject({ command: "down" });
    fault.clear();
    const last = await project.json(["deploy", "down", ...ci, "--yes"]);
    expect(last.document).toMatchObject({ stack: "removed", secret: "absent", branch: "absent" });
  });

  const without = { PATH: process.execPath.replace(/\/node$/, "") };
  const missing = { code: "PREREQUISITE_MISSING", reason: "NO_PULUMI" };
  const nothingMade = async () => {
    expect(await project.branches()).not.toContain("dev-ci-pr-142");
    expect(project.secretFiles.filter((name) => name.includes("ci-pr-142"))).toEqual([]);
    expect(project.journal("ci-pr-142")).toBeUndefined();
  };

  test("without Pulumi: exit 3 before anything is made; what has a stack is not taken down", async () => {
    const refused = await project.json(["deploy", "up", ...ci], without);
    expect(refused).toMatchObject({ status: 3, document: { error: missing } });
    await nothingMade();
    expect(await project.json(["deploy", "up", ...ci])).toMatchObject({ status: 0 });
    const { document } = await project.json(["deploy", "list"], without);
    expect(document.sources.stacks).toMatchObject({ state: "unknown" });
    expect(document.stages[0].branch.name).toBe("dev-ci-pr-142");
    expect(await project.json(["deploy", "down", ...ci, "--yes"], without)).toMatchObject({
      status: 3,
      document: { error: missing },
    });
    expect(await project.branches()).toContain("dev-ci-pr-142");
    const locked = await project.json(["deploy", "down", ...ci, "--yes"], {
      PULUMI_CONFIG_PASSPHRASE: undefined,
    });
    expect(locked).toMatchObject({ status: 3, document: { error: { reason: "NO_PASSPHRASE" } } });
    expect(project.journal("ci-pr-142")).toBeUndefined();
    expect(await project.json(["deploy", "down", ...ci, "--yes"])).toMatchObject({ status: 0 });
  });

  test("without Pulumi: a stage that never had a stack is taken down without --force", async () => {
    const config = readFileSync(join(project.project.path, "ds.config.ts"), "utf8");
    project.project.write("ds.config.ts", `export default { project: "shop" };`);
    const up = await project.json(["deploy", "up", ...ci], without);
    project.project.write("ds.config.ts", config);
    expect(up.status, up.stderr).toBe(0);
    const down = await project.json(["deploy", "down", ...ci, "--yes"], without);
    expect(down).toMatchObject({
      status: 0,
      document: { stack: "absent", secret: "deleted", branch: "deleted" },
    });
    await nothingMade();
  });

  test("no passphrase, no login: exit 3 with what to set, before anything is made", async () => {
    const passphrase = await project.json(["deploy", "up", ...ci], {
      PULUMI_CONFIG_PASSPHRASE: undefined,
    });
    expect(passphrase).toMatchObject({
      status: 3,
      document: { error: { code: "CREDENTIALS", reason: "NO_PASSPHRASE" } },
    });
    expect(passphrase.document.error.hint).toContain("PULUMI_CONFIG_PASSPHRASE");
    const login = await project.json(["deploy", "up", ...ci], { PULUMI_BACKEND_URL: undefined });
    expect(login).toMatchObject({
      status: 3,
      document: { error: { code: "CREDENTIALS", reason: "NO_PULUMI_LOGIN" } },
    });
    await nothingMade();
  });
});

describe("the API fails", () => {
  let api: Awaited<ReturnType<typeof startFaultyApi>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    const { stdout } = await project.ds(["engine", "env"]);
    const { NEON_API_HOST = "", NEON_API_KEY = "" } = parseEnv(stdout.replaceAll("export ", ""));
    api = await startFaultyApi(NEON_API_HOST);
    env = { NEON_API_HOST: api.url, NEON_API_KEY };
  });
  afterAll(() => api.stop());

  test("423, 429 and 503 for a while are waited out", async () => {
    api.fail(
      { method: "POST", path: /\/branches$/, times: 2, answer: 423 },
      { method: "GET", path: /\/connection_uri/, times: 2, answer: 429 },
      { method: "GET", path: /\/branches\?/, times: 1, answer: 503 },
    );
    expect(await project.json(["deploy", "up", ...ci], env)).toMatchObject({ status: 0 });
    api.fail({ method: "DELETE", path: /\/branches\//, times: 2, answer: 423 });
    expect(await project.json(["deploy", "down", ...ci, "--yes"], env)).toMatchObject({
      status: 0,
    });
    expect(await project.leftovers()).not.toContain("dev-ci-pr-142");
  });

  test.each([
    ["creating the branch", "POST", /\/branches$/],
    ...(long ? ([["reading the connection string", "GET", /\/connection_uri/]] as const) : []),
  ] as const)("500 at %s: exit 8, up arrives, down leaves nothing", async (_, method, path) => {
    api.fail({ method, path, times: 999, answer: 500 });
    const failed = await project.json(["deploy", "up", ...ci, "--wait", "1s"], env);
    expect(failed).toMatchObject({ status: 8, document: { error: { code: "UPSTREAM" } } });
    expect(await project.json(["deploy", "up", ...ci])).toMatchObject({ status: 0 });
    api.fail({ method: "DELETE", path: /\/branches\//, times: 999, answer: 500 });
    const down = ["deploy", "down", ...ci, "--yes", "--wait", "1s"];
    expect(await project.json(down, env)).toMatchObject({
      status: 8,
      document: { error: { step: "branch" } },
    });
    expect(await project.json(["deploy", "down", ...ci, "--yes"])).toMatchObject({ status: 0 });
  });

  test("an answer that is lost: the branch is found, with its stamp", async () => {
    api.fail({ method: "POST", path: /\/branches$/, times: 1, answer: "lost" });
    const first = await project.json(["deploy", "up", ...ci], env);
    expect(first).toMatchObject({ status: 0, document: { branch: { created: true } } });
    const next = await project.json(["deploy", "up", ...ci]);
    expect(next).toMatchObject({ status: 0, document: { branch: { created: false } } });
    const { document } = await project.json(["deploy", "list"]);
    expect(document.stages[0]).toMatchObject({ owner: "ci", pullRequest: 142 });
    await project.ds(["deploy", "down", ...ci, "--yes"]);
  });
});

describe("SIGKILL", () => {
  /** Ends the command the hard way as soon as its journal has come to the step; a short one may pass unseen. */
  async function killAt(running: Program, command: string, step: string): Promise<void> {
    const isThere = () => {
      const journal = project.journal("ci-pr-142");
      return journal?.command === command && journal.step === step;
    };
    const isOver = () => running.child.exitCode !== null;
    await until(`the step ${step}`, () => isOver() || isThere(), { everyMs: 1 });
    running.child.kill("SIGKILL");
    await running.ended;
  }

  const locks = join(project.state, ".pulumi/locks/organization/shop-stage/ci-pr-142");
  const isLocked = () => existsSync(locks) && readdirSync(locks).length > 0;
  const isStarted = () =>
    processesMentioning(join(project.project.folder, "bin/pulumi")).length > 0;

  const steps = ["migrations", "stack", ...(long ? (["branch", "secret"] as const) : [])] as const;
  test.each(steps)("up, at the %s", async (step) => {
    const hold = project.fault("up", "wait");
    await killAt(project.start(["deploy", "up", ...ci]), "up", step);
    // Pulumi itself, if it was started, lives on and ends its work.
    if (step === "stack") await until("Pulumi at work, or none", () => isLocked() || !isStarted());
    hold.clear();
    const next = await project.json(["deploy", "up", ...ci]);
    expect(next.status, next.stderr).toBe(0);
    await project.query(project.secret("ci-pr-142").url ?? "", "select 1 from b");
    expect((await project.json(["deploy", "up", ...ci])).document).toMatchObject({
      changed: false,
    });

    // The other way round, `down` is ended at another of its steps each time.
    const last = { branch: "stack", migrations: "secret", secret: "branch", stack: "stack" }[step];
    const held = last === "stack" ? project.fault("destroy", "wait") : undefined;
    await killAt(project.start(["deploy", "down", ...ci, "--yes"]), "down", last);
    held?.clear();
    const gone = await project.json(["deploy", "down", ...ci, "--yes"]);
    expect(gone.status, gone.stderr).toBe(0);
    expect((await project.leftovers()).filter((name) => name.includes("ci-pr-142"))).toEqual([]);
  });

  testWith(longRun, "of an up that was cut off, down removes what there is", async () => {
    const hold = project.fault("up", "wait");
    await killAt(project.start(["deploy", "up", ...ci]), "up", "secret");
    hold.clear();
    const down = await project.json(["deploy", "down", ...ci, "--yes"]);
    expect(down.status, down.stderr).toBe(0);
    expect((await project.leftovers()).filter((name) => name.includes("ci-pr-142"))).toEqual([]);
  });
});

describe("two at once", () => {
  test("both up: one works, the other waits for it and finds nothing to do", async () => {
    const up = () => project.start(["deploy", "up", "--pr", "143", "--json"]);
    const [one, two] = [up(), up()];
    const ended = await Promise.all([one.ended, two.ended]);
    expect(ended.map(({ status }) => status)).toEqual([0, 0]);
    const changed = ended.map(({ stdout }) => JSON.parse(stdout).changed);
    expect(changed.sort()).toEqual([false, true]);
    await project.ds(["deploy", "down", "--pr", "143", "--yes"]);
  });

  test("somebody whom no lock holds deletes the branch meanwhile: exit 5, and the next up makes it anew", async () => {
    const hold = project.fault("up", "wait");
    const first = project.start(["deploy", "up", ...ci, "--json"]);
    await first.reaches("its stack", () => project.journal("ci-pr-142")?.step === "stack");
    expect((await project.ds(["db", "delete", "dev-ci-pr-142", "--yes"])).status).toBe(0);
    hold.clear();
    const ended = await first.ended;
    expect(ended.status, ended.stderr).toBe(5);
    expect(JSON.parse(ended.stdout).error).toMatchObject({
      code: "CONFLICT",
      reason: "BRANCH_DELETED_MEANWHILE",
    });
    const next = await project.json(["deploy", "up", ...ci]);
    expect(next).toMatchObject({ status: 0, document: { branch: { created: true } } });
    await project.ds(["deploy", "down", ...ci, "--yes"]);
  });

  test("whoever cannot wait gets exit 5, and changes nothing", async () => {
    const hold = project.fault("up", "wait");
    const first = project.start(["deploy", "up", ...ci]);
    await first.reaches("its stack", () => project.journal("ci-pr-142")?.step === "stack");
    const second = await project.json(["deploy", "up", ...ci, "--wait", "1ms"]);
    expect(second).toMatchObject({
      status: 5,
      document: { error: { code: "LOCKED", pid: first.child.pid } },
    });
    hold.clear();
    expect(await first.ended).toMatchObject({ status: 0 });
    await project.ds(["deploy", "down", ...ci, "--yes"]);
  });
});

test("Ctrl-C while the stack is brought up: one sentence on all that there is, and down removes it", async () => {
  const hold = project.fault("up", "wait");
  const running = project.start(["deploy", "up", "--pr", "142", "--json"]);
  await running.says("Created the stack ci-pr-142");
  await running.reaches("Pulumi", () =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).includes(
      "pulumi up --yes --skip-preview --stack organization/shop-stage/ci-pr-142",
    ),
  );
  running.child.kill("SIGINT");
  const { status, stdout, stderr } = await running.ended;
  hold.clear();
  expect(status, stderr).toBe(130);
  const { error } = JSON.parse(stdout);
  expect(error).toMatchObject({
    code: "INTERRUPTED",
    outcome: "changed",
    step: "stack",
    changes: [
      "the branch dev-ci-pr-142 was created",
      "1 of 1 migration was applied",
      "the secret /ds/shop/ci-pr-142/database was stored",
      "the stack ci-pr-142 was created",
      "the stack ci-pr-142 may have been brought up in part",
    ],
  });
  expect(error.message).toBe(`Interrupted; ${error.changes.join("; ")}.`);
  expect(await project.branches()).toContain("dev-ci-pr-142");
  expect(project.secret("ci-pr-142").stage).toBe("ci-pr-142");
  const down = await project.json(["deploy", "down", "--pr", "142", "--yes"]);
  expect(down.document).toMatchObject({ stack: "removed", secret: "deleted", branch: "deleted" });
});

test("the password is in the secret, and nowhere else", async () => {
  const files = ["output", "summary"].map((name) => join(project.project.folder, name));
  const [output = "", summary = ""] = files;
  for (const file of files) writeFileSync(file, "");
  const actions = {
    GITHUB_ACTIONS: "true",
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    CI: "true",
    DS_LOCAL: "1",
  };
  const hold = project.fault("up", "wait");
  const running = project.start(["deploy", "up", "--pr", "142", "--verbose"], actions);
  const processes = await running.reaches("Pulumi", () => {
    const list = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    return list.includes("--stack organization/shop-stage/ci-pr-142") && list;
  });
  hold.clear();
  expect(await running.ended).toMatchObject({ status: 0 });
  const { password = "", url = "" } = project.secret("ci-pr-142");
  expect(password).toMatch(/^npg_\w{8,}/);

  // The runner takes these lines for itself, and masks what they name.
  const masks = running.stderr.split("\n").filter((line) => line.startsWith("::add-mask::"));
  expect(masks).toEqual(expect.arrayContaining([`::add-mask::${password}`, `::add-mask::${url}`]));
  const log = running.stderr.replace(/^::add-mask::.*$/gm, "") + running.stdout;
  const printed = { processes, log, output: readFileSync(output, "utf8") };
  for (const [where, text] of Object.entries({
    ...printed,
    summary: readFileSync(summary, "utf8"),
  })) {
    expect(text, where).not.toContain(password);
  }
  expect(printed.output).toMatch(
    /^stage=ci-pr-142\nbranch-id=br-.*\nsecret=\/ds\/shop\/ci-pr-142\/database\n/,
  );
  const listed = await project.ds(["deploy", "list", "--json"]);
  const logs = await project.ds(["engine", "logs"]);
  expect(listed.stdout + listed.stderr + logs.stdout).not.toContain(password);

  const holders = filesWith(project.project.folder, password);
  // The engine keeps its roles' passwords itself, as Neon does, and `ds setup` wrote the developer's own env file.
  const allowed = /\/home\/(catalog|secrets)\/|\/project\/\.env$/;
  expect(holders.filter((file) => !allowed.test(file))).toEqual([]);
  expect(holders).toContainEqual(expect.stringContaining(encodeURIComponent("/ci-pr-142/")));
  for (const file of holders) expect(statSync(file).mode & 0o077, file).toBe(0);
  await project.ds(["deploy", "down", "--pr", "142", "--yes"]);
});

function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes("/pgdata/") || path.includes("/postgres-")) return [];
    try {
      return readFileSync(path).includes(text) ? [path] : [];
    } catch {
      return [];
    }
  });
}
