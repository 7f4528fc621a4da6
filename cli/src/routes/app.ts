import { buildApplication, buildRouteMap, text_en } from "@stricli/core";
import type { AppContext } from "../app-context.ts";
import { choice, command, flag, proposing, type Runner, target, text, yes } from "./command.ts";

/** The route map: names, flags and help. A command's own code is loaded when it is about to run. */
export function buildApp(version: string, run: Runner) {
  const byName = text("Any branch of the project, by its name", "branch", "branches");
  const db = buildRouteMap({
    docs: { brief: "Branches of the database: look, create, migrate, reset" },
    routes: {
      status: command(run, {
        brief: "Show the stage's branch, endpoint, migrations and env file",
        flags: {
          target,
          wake: flag("Wake a suspended branch to look at it"),
        },
        load: () => import("../commands/db/status.ts"),
      }),
      current: command(run, {
        brief: "Show which branch each connection string of the env file leads to",
        flags: {},
        load: () => import("../commands/db/current.ts"),
      }),
      branches: command(run, {
        brief: "List the branches of the project as a tree",
        flags: { target },
        load: () => import("../commands/db/branches.ts"),
      }),
      audit: command(run, {
        brief: "Show what is stale, and why; delete it safely",
        description: [
          "Compares branches with Pulumi stacks, secrets, git branches and pull requests, both ways.",
          "In a terminal it opens an explorer; elsewhere it prints a table. Nothing is deleted that is",
          "protected, in use, young, shared, has children, or of which not everything is known.",
        ].join("\n"),
        flags: {
          delete: text("Delete what has this id, if it is stale", "branch-id"),
          reconcile: flag("Delete all that is stale beyond doubt, as a nightly job does"),
          dryRun: flag("With --reconcile: only say what would be deleted"),
          plain: flag("Print the table, also in a terminal"),
          yes,
        },
        load: () => import("../commands/db/audit.ts"),
      }),
      create: command(run, {
        brief: "Create a branch by hand",
        args: [{ brief: "Name of the branch", placeholder: "name", parse: String }],
        flags: {
          from: text("Branch to fork from; default: main", "branch", "branches"),
          at: text('The parent as it was then: "10 minutes ago", a time, or an LSN', "when"),
          ttl: text("Delete it by itself after this time, such as 7d", "duration"),
          noEndpoint: flag("Only the data: nothing to connect to"),
        },
        load: () => import("../commands/db/create.ts"),
      }),
      delete: command(run, {
        brief: "Delete a branch and its data",
        args: [
          {
            brief: "Name of the branch",
            placeholder: "branch",
            parse: String,
            proposeCompletions: proposing("branches"),
          },
        ],
        flags: { yes },
        load: () => import("../commands/db/delete.ts"),
      }),
      diff: command(run, {
        brief: "Show how a stage's schema differs from main's",
        args: [
          {
            brief: "Stage to compare; default: the current one",
            placeholder: "stage",
            parse: String,
            optional: true,
            proposeCompletions: proposing("stages"),
          },
        ],
        flags: { sql: flag("Show the difference of the two schemas as SQL, line by line") },
        load: () => import("../commands/db/diff.ts"),
      }),
      migrate: command(run, {
        brief: "Apply the migrations that the branch does not have yet",
        flags: {
          target,
          db: text("Database to migrate, whatever the stage", "url"),
          check: flag("Only look: exit 9 when something is pending"),
          plan: flag("Show the SQL that would run and what it locks; run nothing"),
          strict: flag("Refuse when the database is ahead of this checkout"),
          wait: text(
            "How long to wait for another migrator, and for locks of tables; default: 60s",
            "duration",
          ),
          rehearse: choice(
            "Run on a throwaway copy of the branch first; default for shared stages",
          ),
          conflicts: flag("Compare the pending migrations with those of other git branches"),
          withLoad: flag("Rehearse with readers and writers on the tables that are touched"),
        },
        args: {
          rest: {
            brief: "With --conflicts: git refs to compare with",
            placeholder: "ref",
            parse: String,
          },
        },
        load: () => import("../commands/db/migrate.ts"),
      }),
      resolve: command(run, {
        brief: "Say how a migration stands where the ledger cannot know; its SQL is not run",
        flags: {
          applied: text(
            "Record it as applied: it was carried out by hand",
            "migration",
            "migrations",
          ),
          forget: text(
            "Record it as not applied: it was undone by hand",
            "migration",
            "migrations",
          ),
          acceptEdit: text(
            "Take the file as it is now for what was applied",
            "migration",
            "migrations",
          ),
          target,
          db: text("Database whose ledger to change, whatever the stage", "url"),
          yes,
        },
        load: () => import("../commands/db/resolve.ts"),
      }),
      baseline: command(run, {
        brief: "Record migrations as applied on a database that predates the folder",
        flags: {
          to: text(
            "Last migration that the database has; default: all of them",
            "migration",
            "migrations",
          ),
          target,
          db: text("Database whose ledger to write, whatever the stage", "url"),
          yes,
        },
        load: () => import("../commands/db/baseline.ts"),
      }),
      generate: command(run, {
        brief: "Generate a migration from the schema in code, and check it",
        flags: { name: text("Name of the migration, such as add_due_date", "name") },
        load: () => import("../commands/db/generate.ts"),
      }),
      rebase: command(run, {
        brief: "After a git merge: generate this side's migrations anew, on top of the other's",
        flags: {
          onto: text("Git ref whose migrations stay as they are; default: main's", "ref"),
          name: text("Name of the new migration; default: the old one's", "name"),
        },
        load: () => import("../commands/db/rebase.ts"),
      }),
      reset: command(run, {
        brief: "Make the branch equal to main as it is now; the connection string stays",
        flags: { target, yes },
        load: () => import("../commands/db/reset.ts"),
      }),
      refreshStaging: command(run, {
        brief: "Replace main's data by production's of one organization, masked",
        description: [
          "Builds a new main beside the old one: production's rows of one organization, personal columns",
          "masked, and proves that nothing else came along. Then the two are exchanged; the old main is kept,",
          "and --undo brings it back. What belongs to an organization, and what is masked, is the section",
          "`refresh` of ds.config.ts.",
        ].join("\n"),
        flags: {
          organization: text("Organization to copy; default: the demo one of ds.config.ts", "key"),
          plan: flag("Show what would be copied, and what nobody has classified; copy nothing"),
          init: flag("Write a first proposal of the rules into ds.config.ts"),
          undo: flag("Bring main back to before the last refresh"),
          yes,
        },
        aliases: { o: "organization" },
        load: () => import("../commands/db/refresh-staging.ts"),
      }),
      restore: command(run, {
        brief: "Bring the branch back to an earlier moment of itself; the connection string stays",
        description: [
          "Brings the stage's branch back to an earlier moment of itself.",
          'The moment is one of: "10 minutes ago", 2h, "yesterday 14:00", 2026-11-23T14:00:00Z,',
          '"2026-11-23 14:00" (local time), or a position in the log such as 0/1A2B3C.',
          "The state until now is kept as a recovery point; ds db undo brings it back.",
        ].join("\n"),
        flags: { target, at: text("The moment to go back to", "when"), yes },
        load: () => import("../commands/db/restore.ts"),
      }),
      undo: command(run, {
        brief: "Bring back the state before the last reset, restore, migrate or undo",
        flags: { target, yes },
        load: () => import("../commands/db/undo.ts"),
      }),
      seed: command(run, {
        brief: "Load data into your branch with the project's seed command",
        flags: { target, size: text("Value of {size} in the seed command", "size") },
        load: () => import("../commands/db/seed.ts"),
      }),
      connect: command(run, {
        brief: "Open psql on the branch; what follows -- goes to psql",
        flags: { target, branch: byName },
        args: { rest: { brief: "Arguments of psql", placeholder: "argument", parse: String } },
        load: () => import("../commands/db/connect.ts"),
      }),
      url: command(run, {
        brief: "Print the connection string, with its password",
        flags: {
          target,
          branch: byName,
          pooled: flag("Through the connection pooler"),
        },
        load: () => import("../commands/db/url.ts"),
      }),
    },
  });

  const engine = buildRouteMap({
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

  const local = buildRouteMap({
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
  const deploy = buildRouteMap({
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
      list: command(run, {
        brief: "List the cloud stages with their branch, secret, stack and git branch",
        flags: {},
        load: () => import("../commands/deploy/list.ts"),
      }),
    },
  });

  return buildApplication<AppContext & { process: never }>(
    buildRouteMap({
      docs: {
        brief: "Git branches, but for the database",
        fullDescription: [
          "Gives every developer an isolated branch of a real Postgres database.",
          "Start with `ds setup`; then `ds db status`, `ds db migrate`, `ds db reset`.",
        ].join("\n"),
      },
      routes: {
        setup: command(run, {
          brief: "Make this checkout ready: engine, branch, env file, migrations",
          flags: {
            developer: text("Your name in branch names, such as phil", "name"),
            seedSize: text("How much staging data to load the first time", "size"),
          },
          load: () => import("../commands/setup.ts"),
        }),
        init: command(run, {
          brief: "Write a commented ds.config.ts",
          flags: { project: text("Name of the project; default: the folder's", "name") },
          load: () => import("../commands/init.ts"),
        }),
        doctor: command(run, {
          brief: "Check everything that can be wrong, and say how to mend it",
          flags: {},
          load: () => import("../commands/doctor.ts"),
        }),
        completion: command(run, {
          brief: "Print what makes a shell complete ds: commands, flags, stages, branches",
          description: [
            'For bash, in ~/.bashrc: eval "$(ds completion bash)"',
            'For zsh, in ~/.zshrc, behind compinit: eval "$(ds completion zsh)"',
            "For fish: ds completion fish > ~/.config/fish/completions/ds.fish",
          ].join("\n"),
          args: [
            {
              brief: "bash, zsh or fish; default: the one that SHELL names",
              placeholder: "shell",
              parse: String,
              optional: true,
            },
          ],
          flags: {},
          load: () => import("../commands/completion.ts"),
        }),
        db,
        deploy,
        local,
        engine,
      },
    }),
    {
      name: "ds",
      versionInfo: { currentVersion: version },
      scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
      documentation: { disableAnsiColor: true, caseStyle: "convert-camel-to-kebab" },
      localization: { text: { ...text_en, noCommandRegisteredForInput: unknownCommand } },
    },
  );
}

/** The words at the beginning of a command line that lead to a command or a group of them. */
export function knownRoute(app: ReturnType<typeof buildApp>, args: readonly string[]): string[] {
  const words: string[] = [];
  let at: typeof app.root | undefined = app.root;
  for (const word of args) {
    at = "getRoutingTargetForInput" in at ? at.getRoutingTargetForInput(word) : undefined;
    if (!at) break;
    words.push(word);
  }
  return words;
}

function unknownCommand({ input, corrections }: { input: string; corrections: readonly string[] }) {
  const guess = corrections.length > 0 ? `; did you mean ${corrections.join(" or ")}?` : "";
  return `there is no command \`${input}\`${guess}`;
}
