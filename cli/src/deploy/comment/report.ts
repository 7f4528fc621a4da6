import { DsError } from "../../errors/ds-error.ts";
import { listed } from "../../lib/format/listed.ts";
import { type CommentFacts, factsDocument } from "./facts.ts";

/** What became of the comment. */
export interface CommentReport {
  pullRequest: number;
  /** `owner/name`; undefined where it is not known. */
  repository: string | undefined;
  /**
   * `summary`: it went into the job's summary; `printed`: onto stdout. `absent`: there was none to remove; `kept`: it may not be
   * removed.
   */
  action:
    | "created"
    | "updated"
    | "unchanged"
    | "removed"
    | "absent"
    | "summary"
    | "printed"
    | "kept";
  comment: { id: number; url: string } | undefined;
  /** Why it was not published. */
  reason: "GITHUB_TOKEN_MISSING" | "GITHUB_FORBIDDEN" | undefined;
  /** Undefined where it was removed. */
  facts: CommentFacts | undefined;
  /** Markdown. */
  body: string | undefined;
  /** Long lists were cut, as a comment has at most 65,536 characters. */
  isCut: boolean;
}

/** Nothing was sent anywhere. What was found is named, not shown. */
export const refusedSecrets = (found: readonly string[]): DsError =>
  new DsError("REFUSED", `the comment would hold ${listed(found)}, so it was not sent`, {
    reason: "SECRET_IN_COMMENT",
    hint: "Look for it in the migrations and in the names of the database. Is it none, rename it.",
    details: { found },
  });

export function commentDocument(report: CommentReport) {
  const { pullRequest, repository, action, comment, reason, facts, body, isCut } = report;
  return {
    pullRequest,
    repository: repository ?? null,
    action,
    comment: comment === undefined ? null : { id: comment.id, url: comment.url },
    reason: reason ?? null,
    ...(facts === undefined ? { stage: null, migrations: null } : factsDocument(facts)),
    cut: isCut,
    body: body ?? null,
  };
}

const whyNot = {
  GITHUB_TOKEN_MISSING: "there is no GITHUB_TOKEN",
  GITHUB_FORBIDDEN: "GITHUB_TOKEN may not write there, as in runs of a fork's",
};

export function commentText({ pullRequest, action, comment, reason, body }: CommentReport): string {
  const why = reason === undefined ? "" : ` (${whyNot[reason]})`;
  const at = comment?.url ? `: ${comment.url}` : "";
  switch (action) {
    case "created":
      return `Commented on pull request ${pullRequest}${at}`;
    case "updated":
      return `Updated the comment of pull request ${pullRequest}${at}`;
    case "unchanged":
      return `The comment of pull request ${pullRequest} says so already${at}`;
    case "removed":
      return `Removed the comment of pull request ${pullRequest}.`;
    case "absent":
      return `Pull request ${pullRequest} has no comment of ds.`;
    case "kept":
      return `The comment of pull request ${pullRequest} was left${why}.`;
    case "summary":
      return `Wrote it into the job's summary${why}.`;
    case "printed":
      return body ?? "";
  }
}
