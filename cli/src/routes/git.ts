import { buildRouteMap } from "@stricli/core";
import { command, type Runner } from "./command.ts";

/** `ds git …` */
export function gitRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "Git's hooks: what happens to the database after a checkout or merge" },
    routes: {
      install: command(run, {
        brief: "Install git's hooks; what is there keeps running",
        description: [
          "Writes the hooks post-checkout, post-merge and post-rewrite. Existing hooks, and those of husky, lefthook,",
          "simple-git-hooks and core.hooksPath, run first. What they do is `git: { follow }` of ds.config.ts: by default they",
          'say when migrations are pending; with "branch" each git branch has a database branch of its own.',
        ].join("\n"),
        flags: {},
        load: () => import("../commands/git/install.ts"),
      }),
      uninstall: command(run, {
        brief: "Bring back, byte for byte, what was there before ds git install",
        flags: {},
        load: () => import("../commands/git/uninstall.ts"),
      }),
      status: command(run, {
        brief: "Show how git's hooks stand",
        flags: {},
        load: () => import("../commands/git/status.ts"),
      }),
      hook: command(run, {
        brief: "What the hooks start after a checkout or merge",
        args: [{ brief: "Name of the hook", placeholder: "hook", parse: String }],
        flags: {},
        load: () => import("../commands/git/hook.ts"),
      }),
    },
  });
}
