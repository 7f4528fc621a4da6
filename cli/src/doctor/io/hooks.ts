import type { HasConfig } from "../../config/project-config.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { hooksStatus } from "../../setup/hooks/io/status.ts";
import type { Examination } from "./examination.ts";

/** Whether the hooks that somebody has installed still run; where nobody has, there is nothing to say. */
export async function examineHooks(
  context: Pick<Runtime, "env"> & HasConfig,
  examination: Examination,
): Promise<void> {
  const check = "git hooks";
  const { installed, follow, followInstalled, hooks, hooksPath } = await hooksStatus(context);
  if (followInstalled === null) return;
  const anew = "Install them anew: ds git install";
  const named = (state: string) =>
    hooks.filter((each) => each.state === state).map(({ name }) => name);
  if (!installed) {
    const lost = ["replaced", "missing"].flatMap((state) => {
      const names = named(state);
      return names.length === 0 ? [] : [`${names.join(", ")} ${isAre(names)} ${state}`];
    });
    const said = `installed by ds, but in ${hooksPath} ${lost.join("; ")}`;
    return examination.warn(check, said, anew);
  }
  if (followInstalled !== follow) {
    const said = `they follow the ${followInstalled}, and the configuration says ${follow}`;
    return examination.warn(check, said, anew);
  }
  examination.ok(check, `installed in ${hooksPath}`);
}

const isAre = (names: readonly string[]) => (names.length === 1 ? "is" : "are");
