import { buildRouteMap } from "@stricli/core";
import { command, type Runner, target, text, yes } from "./command.ts";

const named = { brief: "Name or id of the snapshot", placeholder: "snapshot", parse: String };

/** `ds db snapshot …` */
export function snapshotRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "Keep a branch's data as it is now, and bring it back" },
    routes: {
      save: command(run, {
        brief: "Keep the branch's data as it is now",
        args: [
          {
            brief: "Name of the snapshot; default: the branch's and the time",
            placeholder: "name",
            parse: String,
            optional: true,
          },
        ],
        flags: {
          target,
          ttl: text("Delete it by itself after this time, such as 7d", "duration"),
        },
        load: () => import("../commands/db/snapshot/save.ts"),
      }),
      list: command(run, {
        brief: "List the snapshots of the project",
        flags: {},
        load: () => import("../commands/db/snapshot/list.ts"),
      }),
      restore: command(run, {
        brief: "Make the branch what a snapshot holds; the connection string stays",
        args: [named],
        flags: { target, yes },
        load: () => import("../commands/db/snapshot/restore.ts"),
      }),
      delete: command(run, {
        brief: "Delete a snapshot",
        args: [named],
        flags: { yes },
        load: () => import("../commands/db/snapshot/delete.ts"),
      }),
    },
  });
}
