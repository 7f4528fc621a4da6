import { buildRouteMap } from "@stricli/core";
import { command, flag, proposing, type Runner, target } from "./command.ts";

/** `ds local …` */
export function localRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "The project's own processes on this machine" },
    routes: {
      run: command(run, {
        brief: "Run a configured process, or all of them, on the stage's database",
        flags: { target, migrate: flag("Apply pending migrations first") },
        args: [
          {
            brief: "Name of a process; default: all",
            placeholder: "process",
            parse: String,
            optional: true,
            proposeCompletions: proposing("processes"),
          },
        ],
        load: () => import("../commands/local/run.ts"),
      }),
    },
  });
}
