import type { AppContext } from "../../app-context.ts";
import { ownScript } from "../../runtime/io/own-script.ts";
import { installHooks } from "../../setup/hooks/io/install.ts";

export default async function install(context: AppContext): Promise<void> {
  const { places, settings, changed } = await installHooks(context, ownScript());
  const { follow } = settings;
  context.output.result(
    { changed, follow, hooksPath: places.folder, way: places.way },
    [
      changed
        ? "Git's hooks post-checkout, post-merge and post-rewrite are installed; what was there runs first."
        : "Git's hooks are installed already.",
      follow === "branch"
        ? "Each git branch gets a database branch of its own at its first checkout."
        : "After a checkout or merge they say when migrations are pending, or the database is ahead.",
      "To remove them: ds git uninstall",
    ].join("\n"),
  );
}
