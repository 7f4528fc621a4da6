import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../../errors/ds-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { GitHub } from "../../github/io/client.ts";
import type { Comment } from "../../github/pull-request.ts";

/** The one comment of ours that a pull request has: which it is, and where. */
export interface Sticky {
  github: GitHub;
  pullRequest: number;
  /** What its body begins with. */
  marker: string;
}

export interface Published {
  action: "created" | "updated" | "unchanged";
  comment: Pick<Comment, "id" | "url">;
}

type Needs = Pick<Runtime, "output" | "signal">;

/** Of what another run changes at the same time. */
const mostRounds = 5;

/** Makes the comment, or brings it up to date. Of several of ours, as two runs at once make them, the oldest stays. */
export async function publishComment(
  context: Needs,
  sticky: Sticky,
  body: string,
): Promise<Published> {
  const { github, pullRequest } = sticky;
  for (let round = 1; round <= mostRounds; round += 1) {
    const [oldest, ...others] = await ownComments(sticky);
    if (oldest === undefined) {
      const made = await changing(context, pullRequest, "made", () =>
        createOnce(context, sticky, body),
      );
      const first = await firstAfter(sticky, made);
      if (first.id === made.id) return { action: "created", comment: made };
      // Another run was faster: what is to be said goes into its comment.
      continue;
    }
    for (const { id } of others) await github.deleteComment(id);
    if (sameText(oldest.body, body)) return { action: "unchanged", comment: oldest };
    const isThere = await changing(context, pullRequest, "updated", () =>
      github.updateComment(oldest.id, body),
    );
    if (isThere) return { action: "updated", comment: oldest };
  }
  throw new DsError(
    "CONFLICT",
    `the comment of pull request ${pullRequest} is changed by others again and again`,
    { reason: "GITHUB_FAILED" },
  );
}

/** How many comments of ours are gone now. */
export async function removeComments(context: Needs, sticky: Sticky): Promise<number> {
  const own = await ownComments(sticky);
  for (const { id } of own) {
    await changing(context, sticky.pullRequest, "removed", () => sticky.github.deleteComment(id));
  }
  return own.length;
}

/**
 * With our marker, by the token's owner, the oldest first. With the right to write one may change others' comments, too, and
 * anybody can write the marker.
 */
async function ownComments({ github, pullRequest, marker }: Sticky): Promise<Comment[]> {
  const marked = await markedComments(github, pullRequest, marker);
  if (marked.length === 0) return [];
  const viewer = await github.viewer();
  return marked.filter(({ author }) => author === viewer);
}

async function markedComments(github: GitHub, pullRequest: number, marker: string) {
  const all = await github.comments(pullRequest);
  return all.filter(({ body }) => body.startsWith(marker));
}

/** An answer that was lost does not make a second one. */
async function createOnce(context: Needs, sticky: Sticky, body: string): Promise<Comment> {
  const { github, pullRequest } = sticky;
  for (let attempt = 1; attempt <= mostRounds; attempt += 1) {
    const made = await github.createComment(pullRequest, body);
    if (made !== undefined) return made;
    await sleep(500 * 2 ** attempt * (0.5 + Math.random()), undefined, { signal: context.signal });
    const [found] = await ownComments(sticky);
    if (found !== undefined) return found;
  }
  throw new DsError("UPSTREAM", `GitHub does not take a comment of pull request ${pullRequest}`, {
    reason: "GITHUB_FAILED",
  });
}

/** The oldest by the same author. Ours goes where it is not that: whoever looked before it was there has left theirs. */
async function firstAfter(
  { github, pullRequest, marker }: Sticky,
  made: Comment,
): Promise<Comment> {
  const marked = await markedComments(github, pullRequest, marker);
  const [first = made] = marked.filter(({ author }) => author === made.author);
  if (first.id < made.id) await github.deleteComment(made.id);
  return first.id < made.id ? first : made;
}

/** GitHub takes off what is blank at the ends. */
const sameText = (one: string, other: string): boolean =>
  one.replaceAll("\r\n", "\n").trim() === other.trim();

function changing<T>(
  { output }: Needs,
  pullRequest: number,
  how: string,
  work: () => Promise<T>,
): Promise<T> {
  const change = {
    done: `the comment of pull request ${pullRequest} was ${how}`,
    unclear: `the comment of pull request ${pullRequest} may have been ${how}`,
  };
  return output.changes.during(change, work);
}
