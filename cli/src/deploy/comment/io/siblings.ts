import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import { fetchCommits } from "../../../lib/git/io/fetch-refs.ts";
import { oneLine } from "../../../lib/text/one-line.ts";
import { redact } from "../../../lib/text/redact.ts";
import { findConflicts } from "../../../migrations/conflicts/io/find-conflicts.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { GitHub } from "../../github/io/client.ts";
import { isFork, type PullRequest } from "../../github/pull-request.ts";
import type { KnownMigrations, SiblingFacts } from "../facts.ts";

/** Each takes two copies of the branch or more. */
const mostCompared = 20;
const mostNamed = 5;

type Found = Pick<KnownMigrations, "siblings" | "notCompared">;

/**
 * How this checkout's pending migrations go together with those of the other pull requests into the same branch. Their
 * heads are fetched, and left in git without a name. The SQL of a fork is not run: it would be next to real data.
 */
export async function compareSiblings(
  context: Runtime & HasConfig & HasNeon & HasEngine,
  github: GitHub,
  pull: PullRequest,
  target: Target,
): Promise<Found> {
  const open = await github.openPullRequests(pull.base.ref);
  const others = open.filter(({ number }) => number !== pull.number);
  const forks = others.filter(isFork);
  const own = others.filter((other) => !isFork(other));
  const commits = await fetchCommits(context, own.map(headRef));
  const found: Found = { siblings: [], notCompared: [] };
  const config = await context.config();
  const late: PullRequest[] = [];
  const notCompared = (pulls: readonly PullRequest[], why: string) => {
    if (pulls.length === 0) return;
    const numbers = pulls.slice(0, mostNamed).map(({ number }) => number);
    found.notCompared.push({ numbers, left: pulls.length - numbers.length, why });
  };
  for (const other of own) {
    const commit = commits.get(headRef(other));
    if (commit === undefined) {
      notCompared([other], "git could not fetch it");
    } else if (found.siblings.length >= mostCompared) {
      late.push(other);
    } else {
      try {
        const [report] = await findConflicts(context, target, config, [commit]);
        if (report !== undefined && report.status !== "nothing") {
          found.siblings.push(siblingFacts(other, { ...report, status: report.status }));
        }
      } catch (error) {
        const failure = toDsError(error);
        if (context.signal.aborted || !(error instanceof DsError)) throw error;
        // It has no migrations at all.
        if (failure.reason === "FOLDER_EMPTY") continue;
        const why = oneLine(redact(failure.message)).replaceAll(commit, other.head.ref);
        notCompared([other], why);
      }
    }
  }
  notCompared(late, `only the last ${mostCompared} are compared`);
  notCompared(forks, `the SQL of a fork is not run on copies of ${target.branch.name}`);
  return found;
}

const headRef = ({ number }: PullRequest): string => `refs/pull/${number}/head`;

function siblingFacts(
  { number, head }: PullRequest,
  report: Pick<SiblingFacts, "theirs" | "conflict" | "notes"> & { status: "ok" | "conflict" },
): SiblingFacts {
  const { status: outcome, theirs, conflict, notes } = report;
  return { number, ref: head.ref, outcome, theirs, conflict, notes };
}
