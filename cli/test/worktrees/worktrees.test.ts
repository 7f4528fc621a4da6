import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// Each linked worktree has a stage, a branch and an env file of its own, on a real engine.

const project = new WorktreeProject();
const { at, git, json, setUp } = project;

beforeAll(async () => {
  project.make();
  await project.startEngine();
  await setUp("shop", "--developer", "phil");
  await project.query("shop", "insert into words values ('main')");
});
afterAll(() => project.remove());

describe("a linked worktree", () => {
  test("has a stage of its own from its first command on", async () => {
    project.add("feature");
    expect((await json("feature", ["db", "status"])).error).toMatchObject({
      reason: "BRANCH_NOT_FOUND",
      hint: expect.stringContaining("Create it: ds setup"),
    });
    expect(await setUp("feature")).toMatchObject({
      stage: "phil-feature-local",
      developer: "phil",
      worktree: "feature",
      branch: { name: "dev-phil-feature-local", created: true },
    });
    expect(await json("feature", ["db", "status"])).toMatchObject({
      stage: "phil-feature-local",
      developer: "phil",
      worktree: { name: "feature", path: at("feature") },
      envFile: { pointsHere: true },
    });
    expect(statSync(at("feature", ".env")).mode & 0o777).toBe(0o600);
    await project.query("feature", "insert into words values ('feature')");
    expect(await project.words("feature")).toEqual(["feature"]);
    expect(await project.words("shop")).toEqual(["main"]);
  });

  test("the main worktree's stage stays as it was", async () => {
    expect(await setUp("shop")).toMatchObject({
      stage: "phil-local",
      worktree: null,
      changed: false,
    });
    const { branches } = await json("shop", ["db", "branches"]);
    const owners = branches.map((each: Record<string, unknown>) => [
      each.name,
      each.owner,
      each.worktree,
    ]);
    expect(owners).toContainEqual(["dev-phil-local", "phil", null]);
    expect(owners).toContainEqual(["dev-phil-feature-local", "phil", "feature"]);
  });

  test("set up again: nothing changes, to the byte", async () => {
    const before = readFileSync(at("feature", ".env"), "utf8");
    expect(await setUp("feature")).toMatchObject({ changed: false });
    expect(readFileSync(at("feature", ".env"), "utf8")).toBe(before);
  });

  test("moved by git, and by hand, it keeps its stage", async () => {
    git("shop", "worktree", "move", at("feature"), at("moved"));
    expect(await json("moved", ["db", "status"])).toMatchObject({ stage: "phil-feature-local" });
    renameSync(at("moved"), at("feature"));
    git("shop", "worktree", "repair", at("feature"));
    expect(await setUp("feature")).toMatchObject({ changed: false });
  });

  test("--from forks from another branch, once", async () => {
    project.add("child");
    expect(await setUp("child", "--from", "phil-feature-local")).toMatchObject({
      branch: { name: "dev-phil-child-local", created: true },
    });
    expect(await project.words("child")).toEqual(["feature"]);
    const again = await project.run("child", ["setup", "--from", "main"]);
    expect(again).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("--from is not used"),
    });
  });

  test("--from of what is not there: nothing is made", async () => {
    project.add("nowhere");
    const { error } = await json("nowhere", ["setup", "--from", "no-such"]);
    expect(error).toMatchObject({ code: "NOT_FOUND", reason: "BRANCH_NOT_FOUND" });
    expect(() => readFileSync(at("nowhere", ".env"))).toThrow();
  });

  test("a reset in it touches no other", async () => {
    expect(await json("child", ["db", "reset", "--yes"])).toMatchObject({ status: "reset" });
    expect(await project.words("child")).toEqual([]);
    expect(await project.words("feature")).toEqual(["feature"]);
    expect(await project.words("shop")).toEqual(["main"]);
  });
});

describe("a copied env file", () => {
  const refused = { code: "REFUSED", reason: "ENV_FILE_OF_OTHER_WORKTREE" };

  beforeAll(() => {
    project.add("copied");
    copyFileSync(at("shop", ".env"), at("copied", ".env"));
  });

  test.each([
    [["db", "status"]],
    [["db", "url"]],
    [["db", "migrate"]],
    [["db", "reset", "--yes"]],
    [["db", "undo", "--yes"]],
    [["db", "restore", "--at", "1s", "--yes"]],
    [["db", "diff"]],
    [["db", "branches"]],
    [["local", "run"]],
  ])("ds %j: refused in a sentence", async (args) => {
    const configured = args[0] === "local";
    if (configured) {
      writeFileSync(
        at("copied", "ds.config.ts"),
        `export default { project: "shop", processes: { a: { command: "true" } } };\n`,
      );
    }
    const { error } = await json("copied", args);
    expect(error).toMatchObject(refused);
    expect(await project.words("shop")).toEqual(["main"]);
  });

  test("another worktree's, and a linked one's in the main worktree", async () => {
    const own = readFileSync(at("shop", ".env"), "utf8");
    copyFileSync(at("feature", ".env"), at("copied", ".env"));
    const { error } = await json("copied", ["db", "status"]);
    expect(error).toMatchObject({
      ...refused,
      message: expect.stringContaining("worktree feature"),
    });
    copyFileSync(at("feature", ".env"), at("shop", ".env"));
    expect((await json("shop", ["db", "status"])).error).toMatchObject(refused);
    writeFileSync(at("shop", ".env"), own);
  });

  test("--target says what is meant; a set-up writes its own and keeps other lines", async () => {
    const target = await json("copied", ["db", "status", "--target", "phil-local"]);
    expect(target.stage).toBe("phil-local");
    writeFileSync(at("copied", ".env"), `# mine\n${readFileSync(at("shop", ".env"), "utf8")}A=1\n`);
    expect(await setUp("copied")).toMatchObject({ stage: "phil-copied-local" });
    const text = readFileSync(at("copied", ".env"), "utf8");
    expect(text).toMatch(/^# mine\n[\s\S]*DEVSTRIDE_STAGE=phil-copied-local\nA=1\n$/);
    expect(project.env("copied").DATABASE_URL).not.toBe(project.env("shop").DATABASE_URL);
  });

  test("another checkout's stage in the shell wins, with a warning", async () => {
    const { status, stderr } = await project.run("copied", ["db", "status"], {
      DEVSTRIDE_STAGE: "phil-local",
    });
    expect(status).toBe(0);
    expect(stderr).toContain("DEVSTRIDE_STAGE=phil-local in this shell is another checkout's");
  });

  test("a copy of the whole folder of a worktree", async () => {
    cpSync(at("feature"), at("twin"), { recursive: true });
    for (const args of [["setup"], ["db", "status"], ["db", "reset", "--yes"]]) {
      expect((await json("twin", args)).error).toMatchObject({ reason: "WORKTREE_IS_COPY" });
    }
    expect(await project.words("feature")).toEqual(["feature"]);
  });
});

describe("names that meet", () => {
  test("two worktrees of one repository whose names come to the same", async () => {
    project.add("try_it");
    project.add("try-it");
    const stages = [await setUp("try_it"), await setUp("try-it")].map(({ stage }) => stage);
    expect(stages[0]).toBe("phil-try-it-local");
    expect(stages[1]).toMatch(/^phil-try-it-[0-9a-f]{6}-local$/);
    // And they keep them.
    expect(await setUp("try-it")).toMatchObject({ stage: stages[1], changed: false });
  });

  test("developer x with worktree a-b, x-a with b, and x-a-b in the main worktree", async () => {
    project.add("a-b");
    project.add("b");
    expect(await setUp("a-b", "--developer", "x")).toMatchObject({ stage: "x-a-b-local" });
    const other = await setUp("b", "--developer", "x-a");
    expect(other.stage).toMatch(/^x-a-b-[0-9a-f]{6}-local$/);
    expect((await json("shop", ["setup", "--developer", "x-a-b"])).error).toMatchObject({
      code: "REFUSED",
      reason: "BRANCH_OF_OTHER_CHECKOUT",
    });
    expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-local");
  });

  test("two clones: one stage for their main worktrees, others for linked ones of one name", async () => {
    git(".", "clone", "--quiet", at("shop"), at("clone"));
    expect(await setUp("clone")).toMatchObject({ stage: "phil-local", branch: { created: false } });
    mkdirSync(at("elsewhere"));
    git("clone", "worktree", "add", "--quiet", at("elsewhere", "feature"));
    const { stage, branch } = await setUp("elsewhere/feature");
    expect(stage).toMatch(/^phil-feature-[0-9a-f]{6}-local$/);
    expect(branch.created).toBe(true);
  });

  test("removed and made anew under its name, it finds its branch again", async () => {
    git("shop", "worktree", "remove", "--force", at("try_it"));
    project.add("try_it", "-B", "again");
    expect(await setUp("try_it")).toMatchObject({
      stage: "phil-try-it-local",
      branch: { created: false },
    });
  });
});

describe("other situations of git", () => {
  test("a detached worktree, and one inside the main worktree", async () => {
    project.add("shop/.worktrees/inner", "--detach");
    expect(await setUp("shop/.worktrees/inner")).toMatchObject({ stage: "phil-inner-local" });
    expect(await json("shop", ["db", "status"])).toMatchObject({ stage: "phil-local" });
  });

  test("a worktree of a bare repository", async () => {
    git(".", "clone", "--quiet", "--bare", at("shop"), at("bare.git"));
    git("bare.git", "worktree", "add", "--quiet", at("of-bare"), "main");
    expect(await setUp("of-bare")).toMatchObject({ stage: "phil-of-bare-local" });
  });

  test("GIT_DIR of another worktree does not count", async () => {
    const env = { GIT_DIR: at("shop", ".git"), GIT_WORK_TREE: at("shop") };
    expect(await json("feature", ["db", "status"], env)).toMatchObject({
      stage: "phil-feature-local",
    });
  });

  test("pruned, as git does where the disk was away: its own again in its place, refused elsewhere", async () => {
    project.add("pruned");
    await setUp("pruned");
    renameSync(at("pruned"), at("away"));
    git("shop", "worktree", "prune");
    // To git it is no checkout any more, of whatever repository.
    expect((await json("away", ["db", "status"])).error).toMatchObject({
      code: "REFUSED",
      reason: "PROJECT_OF_OTHER_REPOSITORY",
    });
    renameSync(at("away"), at("pruned"));
    expect(await json("pruned", ["db", "status"])).toMatchObject({ stage: "phil-pruned-local" });
  });

  test("a submodule is a checkout of its own repository, with the usual stage", async () => {
    git("shop", "submodule", "--quiet", "add", at("clone"), "library");
    expect(await setUp("shop/library")).toMatchObject({ stage: "phil-local", worktree: null });
    git("shop", "reset", "--quiet", "--hard");
  });
});
