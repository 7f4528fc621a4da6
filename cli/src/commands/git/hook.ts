import type { AppContext } from "../../app-context.ts";
import { lookAtStage } from "../../doctor/status/io/look.ts";
import { noticesOf } from "../../doctor/status/notices.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { apiHost } from "../../neon/io/credentials.ts";
import { hookNames } from "../../setup/hooks/script.ts";
import { followBranch } from "../../setup/io/follow-branch.ts";

/** Nobody waits for a database at a checkout; a new branch of it may take a moment. */
const longestMs = { worktree: 5_000, branch: 60_000 };

/** What git's hooks start. It never fails for what is not the caller's fault, so that git goes on. */
export default async function hook(
  context: AppContext,
  _flags: Record<string, never>,
  name: string,
): Promise<void> {
  if (!hookNames.some((each) => each === name)) {
    throw new DsError("USAGE", `ds has no part in the hook ${name}`, {
      hint: `It has in: ${hookNames.join(", ")}`,
    });
  }
  const { output } = context;
  try {
    const { git } = await context.config();
    const limit = AbortSignal.timeout(longestMs[git.follow]);
    const limited = context.withSignal(AbortSignal.any([context.signal, limit]));
    const followed = git.follow === "branch" ? ((await followBranch(limited)) ?? null) : null;
    const notices = await look(limited);
    const moved =
      followed?.changed === true
        ? [`ds: the database follows ${followed.gitBranch}: stage ${followed.stage}`]
        : [];
    const told = notices.map((notice) => `ds: ${notice}`);
    output.result({ followed, notices, problem: null }, [...moved, ...told].join("\n"));
  } catch (error) {
    const { message, code } = toDsError(error);
    output.result(
      { followed: null, notices: [], problem: { code, message } },
      `ds: nothing was done after this checkout: ${message}`,
    );
  }
}

/** No engine is started, and no branch is woken, for a notice. */
async function look(context: AppContext): Promise<string[]> {
  const isThere = apiHost(context) !== undefined || (await (await context.engine()).running());
  return isThere ? noticesOf(await lookAtStage(context, { target: undefined, wake: false })) : [];
}
