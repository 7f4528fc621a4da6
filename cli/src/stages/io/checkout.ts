import { isWorktreeThere, type LinkedWorktree } from "../../lib/git/io/linked-worktree.ts";
import type { CheckoutSettings, Settings } from "../../runtime/io/user-settings.ts";

/** A folder with a configuration, and the linked worktree that it is in. */
export interface Checkout {
  root: string;
  worktree: LinkedWorktree | undefined;
}

/** What is remembered of a checkout: of a worktree that was moved, too. */
export function settingsOf(
  { checkouts }: Settings,
  { root, worktree }: Checkout,
): CheckoutSettings | undefined {
  const here = checkouts[root];
  if (here !== undefined && here.worktree === worktree?.gitFolder) return here;
  if (worktree === undefined) return undefined;
  return Object.values(checkouts).find((each) => each.worktree === worktree.gitFolder);
}

/** Notes something of a checkout, where it lies now: for `changeSettings`. */
export function placeCheckout(
  settings: Settings,
  checkout: Checkout,
  patch: Partial<CheckoutSettings> & Pick<CheckoutSettings, "developer">,
): void {
  const { root, worktree } = checkout;
  const before = settingsOf(settings, checkout);
  for (const [folder, each] of Object.entries(settings.checkouts)) {
    if (each === before && folder !== root) delete settings.checkouts[folder];
  }
  settings.checkouts[root] = {
    ...before,
    ...patch,
    ...(worktree === undefined ? {} : { worktree: worktree.gitFolder }),
  };
  settings.developer ??= patch.developer;
}

/** The worktree that has a stage, where it is another one which git still has. */
export function holderOf(
  { checkouts }: Settings,
  stage: string,
  own: LinkedWorktree | undefined,
): string | undefined {
  return Object.values(checkouts)
    .filter((each) => each.stage === stage && each.worktree !== own?.gitFolder)
    .flatMap(({ worktree }) => worktree ?? [])
    .find(isWorktreeThere);
}

/** Whether a stage is of a worktree that was set up here, and that git no longer has. */
export function worktreeIsGone({ checkouts }: Settings, stage: string): boolean {
  const folders = Object.values(checkouts)
    .filter((each) => each.stage === stage)
    .flatMap(({ worktree }) => worktree ?? []);
  return folders.length > 0 && !folders.some(isWorktreeThere);
}
