import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { geteuid } from "node:process";
import { DsError } from "../../errors/ds-error.ts";
import type { Environment } from "../../lib/process/environment.ts";
import { isDeclaredSafe, ownUsers } from "../ownership.ts";

/**
 * Refuses a configuration that somebody else can have written: it would run with this user's rights, as soon as
 * they stand somewhere below it. Its folder may be root's, as a folder that many share is.
 */
export function requireOwn(file: string, env: Environment): void {
  const uid = geteuid?.();
  if (uid === undefined) return;
  const own = ownUsers(uid, env);
  const path = realpathSync(file);
  const foreign =
    [lstatSync(file), statSync(path)].some((stats) => !own.includes(stats.uid)) ||
    [dirname(file), dirname(path)].some((folder) => ![0, ...own].includes(statSync(folder).uid));
  if (!foreign || isDeclaredSafe(file, env) || isDeclaredSafe(path, env)) return;
  throw new DsError(
    "CONFIG_INVALID",
    `${file}, or its folder, belongs to another user: it is not run`,
    {
      reason: "CONFIG_NOT_OWN",
      details: { file },
      hint: `If you trust it: export DS_SAFE_DIRECTORY=${dirname(file)}`,
    },
  );
}
