import { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import type { HasGit } from "../../../lib/git/io/git.ts";
import { isGithubActions } from "../../../lib/process/environment.ts";
import type { HasDeveloper } from "../../../stages/io/developer.ts";
import type { CloudStage } from "../../cloud-stage.ts";
import { type GitHub, openGitHub } from "../../github/io/client.ts";
import type { PullRequest } from "../../github/pull-request.ts";
import { publicUrl } from "../../github-actions.ts";
import { findCloudStage, type StageFlags } from "../../io/find-stage.ts";
import { pullRequestOfEvent, writeOutputs, writeSummary } from "../../io/github-actions.ts";
import type { HasStacks } from "../../pulumi/io/stacks.ts";
import { commentBody, markerOf } from "../body.ts";
import type { CommentFacts } from "../facts.ts";
import { type CommentReport, refusedSecrets } from "../report.ts";
import { secretsIn, secretsOfEnvironment } from "../secrets-in.ts";
import { type GatherNeeds, gatherMigrations } from "./gather.ts";
import { publishComment, removeComments, type Sticky } from "./sticky.ts";

type Needs = GatherNeeds & HasGit & HasDeveloper & HasStacks;

export interface CommentRequest extends StageFlags {
  /** Of the stage, for who knows it already. */
  url: string | undefined;
  remove: boolean;
  dryRun: boolean;
}

/**
 * Makes, updates or removes the one comment of the stage's pull request. Where the token may not write, as in a run of a
 * fork's, what it would say goes into the job's summary.
 */
export async function commentOnPullRequest(
  context: Needs,
  request: CommentRequest,
): Promise<CommentReport> {
  const stage = await findCloudStage(context, request, undefined);
  const { pullRequest: number } = stage;
  if (number === undefined) {
    throw new DsError("USAGE", `the stage ${stage.name} is of no pull request`, {
      hint: "Pass --pr <number>.",
    });
  }
  if (request.url !== undefined && publicUrl(request.url) === undefined) {
    throw new DsError("USAGE", "--url is not the address of a web page, without a login in it");
  }
  const github = openGitHub(context);
  try {
    const report = await commentOn(context, request, { stage, number, github });
    await writeOutputs(context, {
      "comment-action": report.action,
      "comment-url": report.comment?.url || undefined,
    });
    return report;
  } finally {
    github?.close();
  }
}

interface Subject {
  stage: CloudStage;
  number: number;
  github: GitHub | undefined;
}

async function commentOn(
  context: Needs,
  request: CommentRequest,
  { stage, number, github: given }: Subject,
): Promise<CommentReport> {
  if (given === undefined && !request.dryRun && !isGithubActions(context.env)) {
    throw new DsError("CREDENTIALS", "GITHUB_TOKEN or GITHUB_REPOSITORY is not set", {
      reason: "GITHUB_TOKEN_MISSING",
      hint: "To see what the comment would say: ds deploy comment --dry-run",
    });
  }
  const { project } = await context.config();
  const marker = markerOf(project);
  const { pull, github } = await findPullRequest(context, given, number);
  const common = { pullRequest: number, repository: given?.repository };
  const sticky = github && { github, pullRequest: number, marker };
  if (request.remove || (pull?.state === "closed" && !request.dryRun)) {
    return { ...common, ...(await remove(context, sticky)) };
  }
  const { facts, secrets } = await gather(context, request, { stage, pull, github });
  const { body, isCut } = commentBody(facts);
  const found = secretsIn(body, [...secretsOfEnvironment(context.env), ...secrets]);
  if (found.length > 0) throw refusedSecrets(found);
  const told = { ...common, facts, body, isCut };
  if (request.dryRun) return { ...told, action: "printed", comment: undefined, reason: undefined };
  if (sticky === undefined) {
    const reason = given === undefined ? "GITHUB_TOKEN_MISSING" : "GITHUB_FORBIDDEN";
    return { ...told, ...(await summarize(context, body, reason)) };
  }
  try {
    const published = await publishComment(context, sticky, body);
    return { ...told, ...published, reason: undefined };
  } catch (error) {
    if (toDsError(error).reason !== "GITHUB_FORBIDDEN") throw error;
    return { ...told, ...(await summarize(context, body, "GITHUB_FORBIDDEN")) };
  }
}

/** As GitHub has it now, or else as the run's event had it: a token may be able to do nothing at all. */
async function findPullRequest(
  context: Needs,
  github: GitHub | undefined,
  number: number,
): Promise<{ pull: PullRequest | undefined; github: GitHub | undefined }> {
  const ofEvent = () => pullRequestOfEvent(context, number);
  if (github === undefined) return { pull: await ofEvent(), github };
  try {
    return { pull: await github.pullRequest(number), github };
  } catch (error) {
    if (toDsError(error).reason !== "GITHUB_FORBIDDEN") throw error;
    return { pull: await ofEvent(), github: undefined };
  }
}

async function gather(
  context: Needs,
  request: CommentRequest,
  { stage, pull, github }: Pick<Subject, "stage" | "github"> & { pull: PullRequest | undefined },
) {
  const { project } = await context.config();
  const { migrations, target, secrets } = await gatherMigrations(context, pull, github);
  const branch = target?.branches.find(({ name }) => name === stage.branch)?.name;
  const url = request.url ?? (branch === undefined ? undefined : await stageUrl(context, stage));
  const facts: CommentFacts = {
    project,
    commit: pull?.head.sha,
    stage: { name: stage.name, branch, url },
    migrations,
  };
  return { facts, secrets };
}

/** The stack's output `url`, where Pulumi can be asked. */
async function stageUrl(context: Needs, { name }: CloudStage): Promise<string | undefined> {
  try {
    const stacks = await context.stacks();
    if (stacks === undefined || (await stacks.find(name)) === undefined) return undefined;
    return publicUrl((await stacks.outputs(name)).url);
  } catch (error) {
    if (context.signal.aborted || !(error instanceof DsError)) throw error;
    context.output.detail(`the stage's address is not known: ${error.message}`);
    return undefined;
  }
}

const nothingTold = { facts: undefined, body: undefined, isCut: false, comment: undefined };

async function remove(context: Needs, sticky: Sticky | undefined) {
  if (sticky === undefined) {
    return { ...nothingTold, action: "kept" as const, reason: "GITHUB_FORBIDDEN" as const };
  }
  try {
    const count = await removeComments(context, sticky);
    const action = count === 0 ? ("absent" as const) : ("removed" as const);
    return { ...nothingTold, action, reason: undefined };
  } catch (error) {
    if (toDsError(error).reason !== "GITHUB_FORBIDDEN") throw error;
    return { ...nothingTold, action: "kept" as const, reason: "GITHUB_FORBIDDEN" as const };
  }
}

async function summarize(
  context: Needs,
  body: string,
  reason: "GITHUB_TOKEN_MISSING" | "GITHUB_FORBIDDEN",
) {
  const isThere = await writeSummary(context, `${body}\n`);
  const action = isThere ? ("summary" as const) : ("printed" as const);
  return { action, comment: undefined, reason };
}
