import { join } from "node:path";
import { DsError } from "../../errors/ds-error.ts";
import { runGit } from "../../lib/git/io/run-git.ts";
import { writeFileAtomic } from "../../lib/io/write-file-atomic.ts";
import { homeDigest } from "../../runtime/io/machine-id.ts";
import { changeSettings, readSettings } from "../../runtime/io/user-settings.ts";
import { placeCheckout, settingsOf } from "../../stages/io/checkout.ts";
import { thisCheckout } from "../../stages/io/local-stage.ts";
import { requireProject } from "../../stages/io/project.ts";
import type { OwnerNote } from "../../stages/owner-note.ts";
import { branchOfStage } from "../../stages/stage.ts";
import { worktreeStageName } from "../../stages/worktree-stage.ts";
import { isOthers } from "../own-stage.ts";
import { ensureBranch } from "./ensure-branch.ts";
import { pointAtBranch, type UseNeeds } from "./point-at-branch.ts";

export interface Followed {
  gitBranch: string;
  stage: string;
  /** The env file leads to another branch than before. */
  changed: boolean;
  created: boolean;
}

/**
 * Leads the checkout to the database branch of the git branch that is checked out: the one that it had here before, else a
 * new one, forked from the one that was left. The first git branch that is met keeps the checkout's own. Undefined where
 * no branch is checked out, or the checkout was never set up.
 */
export async function followBranch(context: UseNeeds): Promise<Followed | undefined> {
  const config = await context.config();
  const git = await context.git();
  const gitBranch = await git.currentBranch();
  const left = await (await context.envFile()).get(config.stageVariable);
  if (gitBranch === undefined || !left) return undefined;
  const checkout = await thisCheckout(context);
  const { name: developer } = await context.developer();
  const ask = (...args: string[]) => runGit({ cwd: config.root, env: context.env }, args);
  const said = (await ask("rev-parse", "--abbrev-ref", "@{-1}")).stdout.toString().trim();
  const before = settingsOf(await readSettings(context.home), checkout)?.follows ?? {};
  const follows = { ...before };
  const isTaken = (stage: string) => Object.values(follows).includes(stage);
  if (said !== "" && said !== gitBranch && follows[said] === undefined && !isTaken(left)) {
    follows[said] = left;
  }
  let stage = follows[gitBranch];
  if (stage === undefined && Object.keys(follows).length === 0) stage = left;
  const { name, created } =
    stage === left
      ? { name: left, created: false }
      : await ensureFollowed(context, { gitBranch, developer, left, stage });
  follows[gitBranch] = name;
  await changeSettings(context, (settings) =>
    placeCheckout(settings, checkout, { developer, follows }),
  );
  const changed = name !== left && (await pointAtBranch(context, name)).envFile.changed;
  const folder = (await ask("rev-parse", "--absolute-git-dir")).stdout.toString().trim();
  if (folder !== "") await writeFileAtomic(join(folder, "ds-branch"), `${gitBranch}\n`);
  return { gitBranch, stage: name, changed, created };
}

/** The git branch's database branch; one that somebody deleted is made anew. */
async function ensureFollowed(
  context: UseNeeds,
  wanted: { gitBranch: string; developer: string; left: string; stage: string | undefined },
): Promise<{ name: string; created: boolean }> {
  const { gitBranch, developer, left } = wanted;
  const neon = await context.neon();
  const { project: nameOrId } = await context.config();
  const project = await requireProject(context, nameOrId);
  const branches = await neon.listBranches(project.id);
  const { worktree, root } = await thisCheckout(context);
  const machine = await homeDigest(context.home);
  const own = { owner: developer, gitBranch, worktree: worktree?.name, machine };
  const mark = `${machine} ${worktree?.gitFolder ?? root} ${gitBranch}`;
  const name =
    wanted.stage ??
    [worktreeStageName(developer, gitBranch), worktreeStageName(developer, gitBranch, mark)].find(
      (stage) => !isOthers(stage, branches, own, false),
    );
  if (name === undefined) {
    throw new DsError("CONFLICT", `no name is free for the git branch ${gitBranch}`, {
      reason: "BRANCH_OF_OTHER_CHECKOUT",
      hint: "To see whose branches there are: ds db branches",
    });
  }
  const isOwn = branches.some((branch) => branch.name === name);
  if (isOwn) return { name, created: false };
  const note: OwnerNote = { ...own, madeBy: "checkout" };
  const isStages = branches.some((branch) => branch.name === branchOfStage(left));
  const from = isStages ? branchOfStage(left) : left;
  const parent = branches.some((branch) => branch.name === from) ? from : undefined;
  const { created } = await ensureBranch(context.output, neon, project, {
    name: branchOfStage(name),
    note,
    from: parent,
  });
  return { name, created };
}
