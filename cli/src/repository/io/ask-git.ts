import { realpathSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { runGit } from "../../lib/git/io/run-git.ts";
import { gitMeans } from "../../lib/git/says.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { ownRemoteUrl, remoteAddress } from "../remote.ts";
import type { Repository } from "../repository.ts";

/** A remote that is a folder of this machine leads to that repository's own remote, so far. */
const longestChain = 5;
const longestMs = 20_000;

type Signs = Omit<Repository, "part"> & { gitFolder: string };

/** Undefined where there is no git, or no repository after all. */
export async function askGit(
  env: Environment,
  cwd: string,
  chain = longestChain,
): Promise<Signs | undefined> {
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !leading.has(name)));
  const git = (...args: string[]) =>
    runGit({ cwd, env: own }, args, { timeoutMs: longestMs }).then((answer) => ({
      ...answer,
      text: answer.stdout.toString().trim(),
    }));
  const [where, remotes, first] = await Promise.all([
    git("rev-parse", "--git-common-dir", "--is-shallow-repository"),
    git("remote", "--verbose"),
    git("rev-list", "--first-parent", "--max-parents=0", "HEAD", "--"),
  ]);
  if (where.isMissing || gitMeans(where.complaint) === "NO_CHECKOUT") return undefined;
  const [common = "", isShallow] = where.text.split("\n");
  if (where.status !== 0 || common === "") {
    throw new DsError("UPSTREAM", `git cannot read this checkout: ${where.complaint}`, {
      reason: "GIT_FAILED",
      hint: "ds asks git which repository this is. Correct what git says, then run this again.",
    });
  }
  const gitFolder = realpathSync(resolve(cwd, common));
  const url = ownRemoteUrl(remotes.text);
  return {
    gitFolder,
    folder: basename(gitFolder) === ".git" ? dirname(gitFolder) : gitFolder,
    remote: url === undefined ? undefined : await followed(env, cwd, url, chain),
    // Of a shallow clone git knows only where it was cut off.
    rootCommit: first.status === 0 && isShallow === "false" ? first.text || undefined : undefined,
  };
}

/** They would lead git to another repository than the folder's, as in a hook or with dotfiles. */
const leading = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_COMMON_DIR",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_NAMESPACE",
  "GIT_PREFIX",
]);

async function followed(
  env: Environment,
  cwd: string,
  url: string,
  chain: number,
): Promise<string> {
  const address = remoteAddress(url);
  if ("remote" in address) return address.remote;
  const path = resolve(cwd, address.path);
  const folder = [path, `${path}.git`].find((each) => statSync(each, { throwIfNoEntry: false }));
  if (folder === undefined) return `file:${path}`;
  const there =
    chain > 0 && statSync(folder).isDirectory()
      ? await askGit(env, folder, chain - 1).catch(() => undefined)
      : undefined;
  return there?.remote ?? `file:${there?.folder ?? realpathSync(folder)}`;
}
