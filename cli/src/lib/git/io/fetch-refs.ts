import { randomBytes } from "node:crypto";
import { pid } from "node:process";
import { gitMeans } from "../says.ts";
import { type GitPlace, runGit } from "./run-git.ts";

/** A remote that takes longer does not answer. */
const longestMs = 120_000;

/**
 * Fetches refs of the remote and leaves none behind: their commits by the name that the remote has for them, without those
 * that it does not have. A complete clone stays complete, a shallow one gets each commit alone.
 *
 * @param refs such as `refs/pull/7/head`
 */
export async function fetchCommits(
  place: GitPlace,
  refs: readonly string[],
): Promise<Map<string, string>> {
  const commits = new Map<string, string>();
  const remote = refs.length === 0 ? undefined : await remoteOf(place);
  if (remote === undefined) return commits;
  const shallow = await runGit(place, ["rev-parse", "--is-shallow-repository"]);
  const depth = shallow.stdout.toString().trim() === "true" ? ["--depth=1"] : [];
  // Of one run alone: another one at the same time has its own.
  const prefix = `refs/ds/${pid}-${randomBytes(4).toString("hex")}`;
  const fetchSome = async (some: readonly (readonly [string, number])[]) => {
    const specs = some.map(([ref, at]) => `+${ref}:${prefix}/${at}`);
    const options = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--quiet"];
    const quiet = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];
    const args = [...quiet, "fetch", ...options, ...depth, "--end-of-options", remote, ...specs];
    const { status, complaint } = await runGit(place, args, { timeoutMs: longestMs });
    return status === 0 ? "fetched" : gitMeans(complaint);
  };
  const numbered = refs.map((ref, at) => [ref, at] as const);
  try {
    // One that is not there makes all fail.
    if ((await fetchSome(numbered)) === "NO_REMOTE_REF") {
      for (const each of numbered) await fetchSome([each]);
    }
    for (const [ref, at] of numbered) {
      const name = `${prefix}/${at}^{commit}`;
      const { status, stdout } = await runGit(place, ["rev-parse", "--verify", "--quiet", name]);
      if (status === 0) commits.set(ref, stdout.toString().trim());
    }
    return commits;
  } finally {
    await removeRefs(place, prefix);
  }
}

async function removeRefs(place: GitPlace, prefix: string): Promise<void> {
  const { stdout } = await runGit(place, ["for-each-ref", "--format=delete %(refname)", prefix]);
  await runGit(place, ["update-ref", "--stdin"], { input: stdout.toString() });
}

/** origin, else the only one. */
async function remoteOf(place: GitPlace): Promise<string | undefined> {
  const { status, stdout } = await runGit(place, ["remote"]);
  const remotes = status === 0 ? stdout.toString().trim().split("\n").filter(Boolean) : [];
  return remotes.includes("origin") ? "origin" : remotes.length === 1 ? remotes[0] : undefined;
}
