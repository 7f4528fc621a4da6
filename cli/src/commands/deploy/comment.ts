import type { AppContext } from "../../app-context.ts";
import { commentOnPullRequest } from "../../deploy/comment/io/comment.ts";
import { commentDocument, commentText } from "../../deploy/comment/report.ts";
import type { StageFlags } from "../../deploy/io/find-stage.ts";

interface Flags extends Omit<StageFlags, "branch"> {
  url: string | undefined;
  remove: boolean;
  dryRun: boolean;
}

/** Tells a pull request what its migrations do: one comment, made once and kept up to date. */
export default async function comment(context: AppContext, flags: Flags): Promise<void> {
  const report = await commentOnPullRequest(context, { ...flags, branch: undefined });
  context.output.result(commentDocument(report), commentText(report));
}
