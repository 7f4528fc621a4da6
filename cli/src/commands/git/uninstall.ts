import type { AppContext } from "../../app-context.ts";
import { uninstallHooks } from "../../setup/hooks/io/uninstall.ts";

export default async function uninstall(context: AppContext): Promise<void> {
  const { wasInstalled, hooks, left } = await uninstallHooks(context);
  context.output.result(
    { wasInstalled, hooks, left },
    [
      wasInstalled
        ? "Git's hooks are what they were before ds git install."
        : "Git has no hooks of ds here.",
      ...left.map((path) => `Left, as another program has written that hook since: ${path}`),
    ].join("\n"),
  );
}
