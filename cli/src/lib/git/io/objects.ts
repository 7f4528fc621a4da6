import { execFile } from "node:child_process";
import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import type { Environment } from "../../process/environment.ts";
import { parseFileList, parseObjects } from "../objects.ts";

/** Far more than any migrations folder holds. */
const mostBytes = 256 * 1024 * 1024;

/** Reads what git has stored, without a change to the checkout. */
export interface GitObjects {
  /** Full id of the commit that a branch, tag or id names; undefined when there is none. */
  commit(ref: string): Promise<string | undefined>;
  /** Files below a folder of this checkout as a commit has them, by path relative to the folder. */
  filesAt(commit: string, folder: string): Promise<Map<string, Uint8Array>>;
  /** Local and remote branches other than the current one. */
  otherBranches(): Promise<string[]>;
}

export function openGitObjects({ cwd, env }: { cwd: string; env: Environment }): GitObjects {
  const git = (args: string[], input = "") =>
    new Promise<Buffer>((done, failed) => {
      const options = { cwd, env, encoding: "buffer" as const, maxBuffer: mostBytes };
      const child = execFile("git", args, options, (error, stdout, stderr) => {
        if (!error) return done(stdout);
        failed(gitFailed(error, stderr.toString("utf8")));
      });
      child.stdin?.on("error", () => {});
      child.stdin?.end(input);
    });
  const text = async (...args: string[]) => (await git(args)).toString("utf8").trim();
  return {
    commit: async (ref) => {
      const id = await text(
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        `${ref}^{commit}`,
      ).catch((error: DsError) => {
        if (error.code !== "NOT_FOUND") throw error;
        return "";
      });
      return id === "" ? undefined : id;
    },
    filesAt: async (commit, folder) => {
      const root = await realpath(await text("rev-parse", "--show-toplevel"));
      const path = relative(root, await realpath(folder).catch(() => folder))
        .split(sep)
        .join("/");
      const list = await git(["ls-tree", "-r", "-z", "--full-tree", commit, "--", `${path}/`]);
      const files = parseFileList(list.toString("utf8"), `${path}/`);
      const contents = await git(
        ["cat-file", "--batch"],
        files.map(({ id }) => `${id}\n`).join(""),
      );
      const objects = parseObjects(contents);
      return new Map(files.map(({ name }, index) => [name, objects[index] as Uint8Array]));
    },
    otherBranches: async () => {
      const current = await text("symbolic-ref", "--quiet", "HEAD").catch(() => "");
      const lines = await text(
        "for-each-ref",
        "--format=%(refname) %(refname:short) %(symref)",
        "refs/heads",
        "refs/remotes",
      );
      return lines
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([name, , points]) => name !== "" && name !== current && !points)
        .map(([, short = ""]) => short);
    },
  };
}

function gitFailed(error: Error & { code?: unknown }, said: string): DsError {
  if (error.code === "ENOENT") {
    return new DsError(
      "PREREQUISITE_MISSING",
      "git is not installed, and this command reads from it",
    );
  }
  const [line = ""] = said.split("\n");
  if (/not a git repository/.test(said)) {
    return new DsError(
      "PREREQUISITE_MISSING",
      "this is no git checkout, and this command needs one",
    );
  }
  return new DsError("NOT_FOUND", line === "" ? "git has no such object" : line, { cause: error });
}
