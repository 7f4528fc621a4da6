import { buildRouteMap } from "@stricli/core";
import { command, flag, type Runner, text, yes } from "./command.ts";

const stageFlags = {
  developer: text("Whose stage it is; default in GitHub Actions: ci", "name"),
  stage: text("The stage by its own name, such as ci-pr-142", "stage", "stages"),
  branch: text("The git branch; default: the one that is checked out", "git-branch"),
  pr: text("Number of the pull request; default in GitHub Actions: the event's", "number"),
  wait: text("How long to wait for others at work on the stage; default: 5m", "duration"),
};
const gitBranch = {
  brief: "Git branch, instead of --branch",
  placeholder: "git-branch",
  parse: String,
  optional: true,
};

/** `ds deploy …` */
export function deployRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "Cloud stages: branch, secret and Pulumi stack in one" },
    routes: {
      up: command(run, {
        brief: "Create or update a cloud stage: branch, migrations, secret, stack",
        flags: {
          ...stageFlags,
          dryRun: flag("Show what would be done, and pulumi's preview; do nothing"),
        },
        args: [gitBranch],
        load: () => import("../commands/deploy/up.ts"),
      }),
      down: command(run, {
        brief: "Take a cloud stage down: stack, secret, branch",
        flags: {
          ...stageFlags,
          force: flag("Go on when the stack cannot be taken down; it is left where it is"),
          yes,
        },
        args: [gitBranch],
        load: () => import("../commands/deploy/down.ts"),
      }),
      comment: command(run, {
        brief: "Tell a pull request what its migrations do, in one comment that is kept up to date",
        flags: {
          developer: stageFlags.developer,
          stage: stageFlags.stage,
          pr: stageFlags.pr,
          url: text("The stage's address; default: its stack's output `url`", "url"),
          remove: flag("Remove the comment, as is done for a closed pull request"),
          dryRun: flag("Print what it would say; send nothing"),
        },
        load: () => import("../commands/deploy/comment.ts"),
      }),
      list: command(run, {
        brief: "List the cloud stages with their branch, secret, stack and git branch",
        flags: {},
        load: () => import("../commands/deploy/list.ts"),
      }),
    },
  });
}
