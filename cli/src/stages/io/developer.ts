import { userInfo } from "node:os";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import { linkedWorktree } from "../../lib/git/io/linked-worktree.ts";
import { readSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { checkDeveloper, developerFrom } from "../stage.ts";
import { settingsOf } from "./checkout.ts";

export interface Developer {
  name: string;
  /** For people: `DS_DEVELOPER`, `git's user.name` ... */
  source: string;
}

/** DS_DEVELOPER. */
export const developerVariable = ({ env }: Pick<Runtime, "env">): string | undefined =>
  env.DS_DEVELOPER || undefined;

/** The flag, else DS_DEVELOPER, else what set-up stored, else git's user.name, else the login name. */
export async function findDeveloper(
  context: Pick<Runtime, "env" | "home"> & HasConfig & HasGit,
  flag: string | undefined,
): Promise<Developer> {
  const chosen = (name: string, source: string) => ({ name: checkDeveloper(name, source), source });
  if (flag !== undefined) return chosen(flag, "--developer");
  const variable = developerVariable(context);
  if (variable !== undefined) return chosen(variable, "DS_DEVELOPER");
  const { root } = await context.config();
  const settings = await readSettings(context.home);
  const here = settingsOf(settings, { root, worktree: linkedWorktree(root) });
  const stored = here?.developer ?? settings.developer;
  if (stored !== undefined) return chosen(stored, "stored by ds setup");
  const derived = [
    { text: await (await context.git()).userName(), source: "git's user.name" },
    { text: userInfo().username, source: "the login name" },
  ];
  for (const { text, source } of derived) {
    const name = developerFrom(text ?? "");
    if (name !== undefined) return { name, source };
  }
  throw new DsError(
    "USAGE",
    "no developer name could be derived from git's user.name or the login name",
    {
      hint: "Say who you are: ds setup --developer phil",
    },
  );
}

export interface HasDeveloper {
  developer(flag?: string): Promise<Developer>;
}
