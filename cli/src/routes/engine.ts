import { buildRouteMap } from "@stricli/core";
import { command, flag, type Runner, text } from "./command.ts";

/** `ds engine …` */
export function engineRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "The local engine, a background service of this user" },
    routes: {
      start: command(run, {
        brief: "Start the engine; says so when it already runs",
        flags: {},
        load: () => import("../commands/engine/start.ts"),
      }),
      stop: command(run, {
        brief: "Stop the engine and every database it runs",
        flags: {},
        load: () => import("../commands/engine/stop.ts"),
      }),
      status: command(run, {
        brief: "Show version, address, disk, branches and how branches are copied",
        flags: {},
        load: () => import("../commands/engine/status.ts"),
      }),
      logs: command(run, {
        brief: "Print the engine's log",
        flags: {
          lines: text("How many of the last lines; default: 100", "n"),
          follow: flag("Go on as the log grows"),
        },
        aliases: { n: "lines", f: "follow" },
        load: () => import("../commands/engine/logs.ts"),
      }),
      env: command(run, {
        brief: 'Print shell variables for other Neon clients: eval "$(ds engine env)"',
        flags: {},
        load: () => import("../commands/engine/env.ts"),
      }),
      installService: command(run, {
        brief: "Have systemd or launchd start the engine at log-in, before anybody types ds",
        flags: { print: flag("Only print the unit, and where it would be written") },
        load: () => import("../commands/engine/install-service.ts"),
      }),
      uninstallService: command(run, {
        brief: "Take that back; an engine that runs goes on",
        flags: {},
        load: () => import("../commands/engine/uninstall-service.ts"),
      }),
      quarantine: buildRouteMap({
        docs: { brief: "Data that the engine has set aside, as no branch refers to it" },
        routes: {
          list: command(run, {
            brief: "Show what was set aside, why, and when it is removed",
            flags: {},
            load: () => import("../commands/engine/quarantine-list.ts"),
          }),
          remove: command(run, {
            brief: "Remove something that was set aside, for good",
            args: [{ brief: "Its name, as the list has it", placeholder: "name", parse: String }],
            flags: { yes: flag("Do not ask") },
            load: () => import("../commands/engine/quarantine-remove.ts"),
          }),
        },
      }),
      extension: buildRouteMap({
        docs: { brief: "Extensions of the engine's Postgres beside those that come with it" },
        routes: {
          list: command(run, {
            brief: "Show what was added, and what can be added by its name",
            flags: {},
            load: () => import("../commands/engine/extension-list.ts"),
          }),
          add: command(run, {
            brief: "Add an extension, for every branch from its next start on",
            description:
              "Fetches it by its name from the package index that pip is configured for, or takes it from a file. " +
              "It is kept once a Postgres of its own has created it. An extension is a program: add only what you trust.",
            args: [{ brief: "Its name, such as vector", placeholder: "name", parse: String }],
            flags: {
              from: text("A folder, .whl, .deb or .tar.gz with it, built for this machine", "path"),
              now: flag("Restart the running branches, which ends their connections"),
            },
            load: () => import("../commands/engine/extension-add.ts"),
          }),
          remove: command(run, {
            brief: "Remove an extension that no database has any more",
            args: [{ brief: "Its name, as the list has it", placeholder: "name", parse: String }],
            flags: { yes: flag("Do not ask") },
            load: () => import("../commands/engine/extension-remove.ts"),
          }),
        },
      }),
      postgres: buildRouteMap({
        docs: { brief: "Versions of PostgreSQL that projects can have" },
        routes: {
          list: command(run, {
            brief: "Show the engine's own version and those that were added",
            flags: {},
            load: () => import("../commands/engine/postgres-list.ts"),
          }),
          add: command(run, {
            brief: "Let projects have an installed PostgreSQL of another version",
            description:
              "It has to be installed already, for example with apt install postgresql-17. Only programs that root or you " +
              "have installed are run. Projects ask for it with pg_version.",
            args: [
              { brief: "Its major version, such as 17", placeholder: "version", parse: String },
              {
                brief: "Its bin directory, such as /usr/lib/postgresql/17/bin",
                placeholder: "directory",
                parse: String,
              },
            ],
            flags: {},
            load: () => import("../commands/engine/postgres-add.ts"),
          }),
          remove: command(run, {
            brief: "Forget a version that no project has any more",
            args: [
              { brief: "Its major version, such as 17", placeholder: "version", parse: String },
            ],
            flags: {},
            load: () => import("../commands/engine/postgres-remove.ts"),
          }),
        },
      }),
      volume: buildRouteMap({
        docs: { brief: "The volume that holds the branches" },
        routes: {
          create: command(run, {
            brief: "Make a copy-on-write volume where the file system has none (once, as root)",
            flags: { size: text("Size of the volume; it takes space only as it fills", "20G") },
            load: () => import("../commands/engine/volume-create.ts"),
          }),
        },
      }),
    },
  });
}
