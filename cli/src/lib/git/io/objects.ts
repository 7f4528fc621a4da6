import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { parseFileList, parseObjects } from "../objects.ts";
import { gitMeans } from "../says.ts";
import { type GitAnswer, type GitPlace, runGit } from "./run-git.ts";

/** Reads what git has stored, without a change to the checkout. */
export interface GitObjects {
  /** Full id of the commit that a branch, tag or id names; undefined when there is none. */
  commit(ref: string): Promise<string | undefined>;
  /** Paths of the files below a folder of this checkout, relative to it, as a commit has them. */
  fileNames(commit: string, folder: string): Promise<string[]>;
  /** The same with their contents. */
  filesAt(commit: string, folder: string): Promise<Map<string, Uint8Array>>;
  /** Local and remote branches other than the current one. */
  otherBranches(): Promise<string[]>;
}

export function openGitObjects(place: GitPlace): GitObjects {
  const git = async (args: string[], input = "") => {
    const answer = await runGit(place, args, { input });
    if (answer.status === 0) return answer.stdout;
    throw gitFailed(answer);
  };
  const text = async (...args: string[]) => (await git(args)).toString("utf8").trim();
  const filesBelow = async (commit: string, folder: string) => {
    const root = await realpath(await text("rev-parse", "--show-toplevel"));
    const path = relative(root, await realpath(folder).catch(() => folder))
      .split(sep)
      .join("/");
    const list = await git(["ls-tree", "-r", "-z", "--full-tree", commit, "--", `${path}/`]);
    return parseFileList(list.toString("utf8"), `${path}/`);
  };
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
    fileNames: async (commit, folder) => (await filesBelow(commit, folder)).map(({ name }) => name),
    filesAt: async (commit, folder) => {
      const files = await filesBelow(commit, folder);
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

function gitFailed({ isMissing, complaint }: GitAnswer): DsError {
  if (isMissing) {
    return new DsError(
      "PREREQUISITE_MISSING",
      "git is not installed, and this command reads from it",
      { reason: "NO_GIT" },
    );
  }
  if (gitMeans(complaint) === "NO_CHECKOUT") {
    return new DsError(
      "PREREQUISITE_MISSING",
      "this is no git checkout, and this command needs one",
      { reason: "NO_CHECKOUT" },
    );
  }
  return new DsError("NOT_FOUND", complaint || "git has no such object");
}
