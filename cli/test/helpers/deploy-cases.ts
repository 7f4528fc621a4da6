import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DeployProject } from "./deploy-project.ts";

const ci = ["--developer", "ci", "--branch", "pr-142"];

/** The whole life of a stage, whichever Pulumi is behind it. */
export function deployCases(project: DeployProject): void {
  test("a stage is brought up, listed, planned, waited for, and taken down without a trace", async () => {
    await up();
    await listAndPlan();
    await upWithoutItsFile();
    await upBehindLocks();
    await down();
  });

  /** Branch, migrations, secret and stack; again: nothing changes. */
  async function up(): Promise<void> {
    const first = await project.json(["deploy", "up", ...ci]);
    expect(first.status, first.stderr).toBe(0);
    expect(first.document).toMatchObject({
      stage: "ci-pr-142",
      owner: "ci",
      pullRequest: 142,
      branch: { name: "dev-ci-pr-142", created: true },
      migrations: { applied: ["0001_b"] },
      secret: { name: "/ds/shop/ci-pr-142/database", change: "created" },
      stack: {
        name: "organization/shop-stage/ci-pr-142",
        created: true,
        changed: true,
        outputs: { stack: "ci-pr-142", secretName: "/ds/shop/ci-pr-142/database" },
        url: "https://ci-pr-142.preview.example.com",
      },
      changed: true,
    });
    const secret = project.secret("ci-pr-142");
    expect(secret).toMatchObject({
      engine: "postgres",
      stage: "ci-pr-142",
      branchId: first.document.branch.id,
    });
    expect(await project.query(secret.url ?? "", "select count(*)::int as n from a, b")).toEqual([
      { n: 0 },
    ]);
    const record = first.document.stack.outputs.recordFile;
    expect(JSON.parse(readFileSync(record, "utf8"))).toEqual({
      stage: "ci-pr-142",
      branchId: first.document.branch.id,
      secretName: "/ds/shop/ci-pr-142/database",
    });

    const again = await project.json(["deploy", "up", ...ci]);
    expect(again.status, again.stderr).toBe(0);
    expect(again.document).toMatchObject({ changed: false, branch: { created: false } });
  }

  /** `list` and --dry-run show it, and change nothing. */
  async function listAndPlan(): Promise<void> {
    const { document } = await project.json(["deploy", "list"]);
    expect(document.stages).toMatchObject([
      {
        stage: "ci-pr-142",
        owner: "ci",
        branch: { name: "dev-ci-pr-142" },
        secret: { name: "/ds/shop/ci-pr-142/database", deletedAt: null },
        stack: { fullName: "organization/shop-stage/ci-pr-142", resourceCount: 2, busy: false },
        pullRequest: 142,
        unfinished: null,
      },
    ]);
    expect((await project.ds(["deploy", "list"])).stdout).toMatch(
      /ci-pr-142 +ci +br-.* yes +yes +#142/,
    );

    const file = join(project.infra, "Pulumi.ci-pr-142.yaml");
    const before = readFileSync(file, "utf8");
    const known = await project.json(["deploy", "up", ...ci, "--dry-run"]);
    expect(known.document.plan).toMatchObject({
      branch: { action: "keep" },
      migrations: [],
      secret: { action: "keep" },
      stack: { action: "keep", summary: ["2 unchanged"] },
    });
    expect(readFileSync(file, "utf8")).toBe(before);
    const unknown = await project.json(["deploy", "up", "--pr", "9", "--dry-run"]);
    expect(unknown.document.plan).toMatchObject({
      branch: { name: "dev-ci-pr-9", action: "create" },
      migrations: ["0001_b"],
      secret: { action: "create" },
      stack: { action: "create" },
    });
    expect(await project.branches()).not.toContain("dev-ci-pr-9");
  }

  /** The stack's file, which another machine has, is not needed. */
  async function upWithoutItsFile(): Promise<void> {
    rmSync(join(project.infra, "Pulumi.ci-pr-142.yaml"));
    const { document } = await project.json(["deploy", "up", ...ci]);
    expect(document).toMatchObject({ changed: false });
  }

  /** A lock that a dead Pulumi has left is taken away; one that lives is waited for. */
  async function upBehindLocks(): Promise<void> {
    const folder = join(project.state, ".pulumi/locks/organization/shop-stage/ci-pr-142");
    const lock = (pid: number) => {
      mkdirSync(folder, { recursive: true });
      const owner = { pid, username: userInfo().username, hostname: hostname() };
      const text = JSON.stringify({ ...owner, timestamp: new Date().toISOString() });
      writeFileSync(join(folder, "a.json"), text);
    };
    lock(2 ** 22 + 7);
    const freed = await project.ds(["deploy", "up", ...ci]);
    expect(freed.status, freed.stderr).toBe(0);
    expect(existsSync(join(folder, "a.json"))).toBe(false);

    // Of another machine's nothing is certain.
    lock(1);
    const text = readFileSync(join(folder, "a.json"), "utf8").replace(hostname(), "elsewhere");
    writeFileSync(join(folder, "a.json"), text);
    const { document: listed } = await project.json(["deploy", "list"]);
    expect(listed.stages[0].stack.busy).toBe(true);
    const begun = performance.now();
    const refused = await project.json(["deploy", "up", ...ci, "--wait", "1s"]);
    expect(refused).toMatchObject({
      status: 5,
      document: { error: { code: "LOCKED", reason: "STACK_LOCKED", step: "stack" } },
    });
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    rmSync(folder, { recursive: true });
  }

  /** Nothing is left; again: exit 0. */
  async function down(): Promise<void> {
    const unasked = await project.json(["deploy", "down", ...ci]);
    expect(unasked).toMatchObject({
      status: 2,
      document: { error: { code: "CONFIRMATION_REQUIRED" } },
    });
    expect(await project.branches()).toContain("dev-ci-pr-142");
    const first = await project.json(["deploy", "down", ...ci, "--yes"]);
    expect(first.status, first.stderr).toBe(0);
    expect(first.document).toMatchObject({
      stack: "removed",
      secret: "deleted",
      branch: "deleted",
      changed: true,
    });
    expect(await project.leftovers()).toEqual([]);
    const again = await project.json(["deploy", "down", ...ci]);
    expect(again).toMatchObject({ status: 0, document: { changed: false } });
  }
}
