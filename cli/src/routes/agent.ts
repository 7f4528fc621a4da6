import { buildRouteMap } from "@stricli/core";
import { command, flag, type Runner, text } from "./command.ts";

/** `ds agent …` */
export function agentRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "Coding agents: a branch for each run" },
    routes: {
      exec: command(run, {
        brief: "Run a command on a branch of its own; what follows -- is the command",
        description: [
          "The branch is made for the command, and deleted at its end. The command has its address in DATABASE_URL, logs in",
          "with a role that reaches no other branch, and gets no credential of Neon's. What it did to the schema is shown.",
        ].join("\n"),
        flags: {
          name: text("Name of the run: one at a time has it; default: a random one", "name"),
          from: text("Branch to fork from; default: main", "branch", "branches"),
          ttl: text("Delete the branch by itself after this time; default: 1d", "duration"),
          keep: flag("Keep the branch at the end, until that time"),
          resume: flag("Go on with the branch that a run of this name has kept"),
        },
        args: { rest: { brief: "Command with its arguments", placeholder: "word", parse: String } },
        load: () => import("../commands/agent/exec.ts"),
      }),
    },
  });
}
