import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../../../scripts/test-support/needs.ts";
import { ds } from "../helpers/command.ts";
import { withScratchFolder } from "../helpers/scratch.ts";
import { hookManagers } from "../helpers/tools.ts";
import { git } from "./helpers/git.ts";

// Hooks of the usual hook managers, as their packages write them: they run before ours, and all is as before afterwards.

interface Manager {
  name: string;
  files: Record<string, string>;
  install: string[];
  /** Folders that an installation of ours could touch. */
  touched: string[];
}

const managers: Manager[] = [
  {
    name: "husky",
    files: { ".husky/post-checkout": "echo husky >>ran\n" },
    install: ["husky"],
    touched: [".husky", ".git/config"],
  },
  {
    name: "lefthook",
    files: { "lefthook.yml": "post-checkout:\n  jobs:\n    - run: echo lefthook >>ran\n" },
    install: ["lefthook", "install"],
    touched: [".git/hooks", ".git/config"],
  },
  {
    name: "simple-git-hooks",
    files: {
      "package.json": JSON.stringify({
        name: "x",
        "simple-git-hooks": { "post-checkout": "echo simple-git-hooks >>ran" },
      }),
    },
    install: ["simple-git-hooks"],
    touched: [".git/hooks", ".git/config"],
  },
];

describeWith(hookManagers, "hook managers from npm", (packages) => {
  const scratch = withScratchFolder();

  test.each(managers)("$name", async ({ name, files, install, touched }) => {
    const folder = join(realpathSync(scratch.path), name);
    mkdirSync(join(folder, "drizzle"), { recursive: true });
    mkdirSync(join(folder, ".husky"));
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
    symlinkSync(packages, join(folder, "node_modules"));
    write(".gitignore", ".env\nnode_modules\nran\n");
    write(".env", "DATABASE_URL=x\n");
    write("ds.config.ts", `export default { project: "shop" };\n`);
    write("drizzle/0000.sql", "select 0;");
    for (const [file, text] of Object.entries(files)) write(file, text);
    git(folder, "init", "--quiet", "--initial-branch=main");
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", "--message=first");
    const [program = "", ...args] = install;
    execFileSync(join(packages, ".bin", program), args, { cwd: folder, stdio: "pipe" });
    git(folder, "switch", "--quiet", "--create", "other");
    const sums = () =>
      execFileSync("sh", ["-c", `find ${touched.join(" ")} -type f | sort | xargs sha256sum`], {
        cwd: folder,
      }).toString();
    const before = sums();
    const run = (...words: string[]) =>
      ds(folder, [...words, "--json"], { DS_HOME: join(folder, "..", "home") });
    expect(await run("git", "install")).toMatchObject({ status: 0 });
    const { stdout } = await run("git", "status");
    expect(JSON.parse(stdout)).toMatchObject({ installed: true, manager: name });
    execFileSync("rm", ["-f", "ran"], { cwd: folder });
    git(folder, "switch", "--quiet", "main");
    expect(existsSync(join(folder, "ran")) && readFileSync(join(folder, "ran"), "utf8")).toBe(
      `${name}\n`,
    );
    expect(await run("git", "uninstall")).toMatchObject({ status: 0 });
    expect(sums()).toBe(before);
  });
});
