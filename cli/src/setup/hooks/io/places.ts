import { realpathSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { dotGitAbove } from "../../../lib/git/io/dot-git.ts";
import { runGit } from "../../../lib/git/io/run-git.ts";
import type { Environment } from "../../../lib/process/environment.ts";

/** Where git looks for hooks, and how ds gets its own there. */
export interface HookPlaces {
  /** The worktree's top. */
  top: string;
  /** What all worktrees share. */
  commonFolder: string;
  /** Git's folder of this worktree. */
  gitFolder: string;
  /** Where git looks for hooks now: absolute. */
  folder: string;
  /** As core.hooksPath has it. */
  hooksPath: string | undefined;
  /** Whose configuration says so: `local`, `global`, `worktree` ... */
  scope: string | undefined;
  /**
   * `beside`: what is there is put aside, in a folder that is git's own or that git ignores. `forward`: the folder is
   * in the repository, or belongs to others too, so that git is given another one.
   */
  way: "beside" | "forward";
}

const leading = /^GIT_(DIR|WORK_TREE|COMMON_DIR|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE|PREFIX)$/;

export const withoutGit = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !leading.test(name)));

export async function hookPlaces(
  { env }: { env: Environment },
  folder: string,
): Promise<HookPlaces> {
  const dotGit = dotGitAbove(realpathSync(folder));
  if (dotGit === undefined) throw noCheckout();
  const top = dirname(dotGit);
  const place = { cwd: top, env: withoutGit(env) };
  const git = (...args: string[]) => runGit(place, args);
  const asked = await git(
    "rev-parse",
    "--git-common-dir",
    "--absolute-git-dir",
    "--git-path",
    "hooks",
  );
  if (asked.isMissing) {
    throw new DsError("PREREQUISITE_MISSING", "git is not installed, and this command needs it", {
      reason: "NO_GIT",
    });
  }
  if (asked.status !== 0) throw noCheckout();
  const [common = "", gitFolder = "", hooks = ""] = asked.stdout.toString().split("\n");
  const said = await git("config", "--show-scope", "--get", "core.hooksPath");
  const [scope, hooksPath] = said.status === 0 ? said.stdout.toString().trimEnd().split("\t") : [];
  const commonFolder = realpathSync(resolve(top, common));
  const where = resolve(top, hooks);
  const isGits = isWithin(where, commonFolder);
  const isIgnored =
    isWithin(where, top) &&
    (await git("check-ignore", "--quiet", join(where, "post-checkout"))).status === 0;
  return {
    top,
    commonFolder,
    gitFolder,
    folder: where,
    hooksPath,
    scope,
    way: isGits || isIgnored ? "beside" : "forward",
  };
}

const isWithin = (path: string, folder: string): boolean =>
  relative(folder, path).split(sep)[0] !== "..";

const noCheckout = (): DsError =>
  new DsError("PREREQUISITE_MISSING", "this is no git checkout, and hooks are git's", {
    reason: "NO_CHECKOUT",
  });
