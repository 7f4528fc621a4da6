import { buildRouteMap } from "@stricli/core";
import { choice, command, flag, proposing, type Runner, target, text, yes } from "./command.ts";
import { snapshotRoutes } from "./snapshots.ts";

const byName = text("Any branch of the project, by its name", "branch", "branches");

const named = {
  brief: "Name of the branch",
  placeholder: "branch",
  parse: String,
  proposeCompletions: proposing("branches"),
};

/** `ds db …` */
export function dbRoutes(run: Runner) {
  return buildRouteMap({
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
        flags: {
          target,
          sizes: flag("Show what each takes on the local engine's disk, bases and log included"),
        },
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
          ifAbsent: flag("Where a branch has the name already, make none and succeed"),
          use: flag("Point this checkout's env file at it, as ds db use does"),
        },
        load: () => import("../commands/db/create.ts"),
      }),
      use: command(run, {
        brief: "Point this checkout's env file at another branch of your own",
        args: [
          {
            brief: "Branch or stage; - is the one before",
            placeholder: "branch",
            parse: String,
            proposeCompletions: proposing("branches"),
          },
        ],
        flags: {},
        load: () => import("../commands/db/use.ts"),
      }),
      rename: command(run, {
        brief: "Give a branch of your own another name; its address stays",
        args: [named, { brief: "The new name", placeholder: "name", parse: String }],
        flags: {},
        load: () => import("../commands/db/rename.ts"),
      }),
      protect: command(run, {
        brief: "Protect a branch from being reset or deleted",
        args: [named],
        flags: {},
        load: () => import("../commands/db/protect.ts"),
      }),
      unprotect: command(run, {
        brief: "Take the protection of a branch of your own away",
        args: [named],
        flags: { yes },
        load: () => import("../commands/db/unprotect.ts"),
      }),
      snapshot: snapshotRoutes(run),
      delete: command(run, {
        brief: "Delete a branch and its data",
        args: [named],
        flags: { yes },
        load: () => import("../commands/db/delete.ts"),
      }),
      diff: command(run, {
        brief: "Show how a stage's schema, or with --data its rows, differ from main's",
        description: [
          "Without --data: which objects of the schema differ. With --data: how many rows were added, removed and changed",
          "in each table; of tables that are named, the rows themselves. Rows are compared by their key, both sides as they",
          "are now. Long values and those of columns that sound secret are shortened, unless --full is given.",
        ].join("\n"),
        args: {
          rest: {
            brief: "The stage to compare; with --data: tables whose rows are shown",
            placeholder: "stage-or-table",
            parse: String,
            proposeCompletions: proposing("stages"),
          },
        },
        flags: {
          target,
          sql: flag(
            "Show the difference of the two schemas as SQL, line by line; with --data: statements that bring the other side's rows to the stage's state",
          ),
          migration: flag(
            "Print SQL that makes the other side's schema the stage's, tried on a copy",
          ),
          prove: choice("With --migration: try it on a throwaway copy of the other side; default"),
          data: flag("Compare rows"),
          against: text(
            "With --data or --migration: branch to compare with; default: main",
            "branch",
            "branches",
          ),
          since: text("With --data: compare the branch with its own past", "when"),
          limit: text("With --data: most rows to show; default: 100", "n"),
          full: flag("With --data: show all of each value"),
        },
        load: () => import("../commands/db/diff.ts"),
      }),
      migrate: command(run, {
        brief: "Apply the migrations that the branch does not have yet",
        flags: {
          target,
          db: text("Database to migrate, whatever the stage", "url"),
          check: flag("Only look: exit 9 when something is pending"),
          plan: flag("Show the SQL that would run and what it locks; run nothing"),
          against: text("With --plan: one more stage whose rows to look at", "stage", "stages"),
          fix: flag(
            "With --plan: write what is dangerous in pending migrations anew, the safe way",
          ),
          small: flag("With --fix: also where a table is small"),
          yes,
          strict: flag(
            "Refuse when the database is ahead of this checkout; with --plan: exit 9 on findings",
          ),
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
      check: command(run, {
        brief: "Check that the new migrations can be merged: exit 9 when not",
        description: [
          "Compares the migrations folder with that of the git ref that it will be merged into: whether it is in order, what",
          "is dangerous in what is new, and whether it goes together with what is new there. For CI and before a commit.",
        ].join("\n"),
        flags: {
          base: text("Git ref that this will be merged into; default: main's", "ref"),
          offline: flag("Judge by the files alone, without a database"),
          target: text("Stage whose rows to look at; default: main's branch", "stage", "stages"),
          format: text("text, github (annotations) or sarif; default: text", "format"),
        },
        args: {
          rest: {
            brief: "Other git refs to compare with, such as those of open pull requests",
            placeholder: "ref",
            parse: String,
          },
        },
        load: () => import("../commands/db/check.ts"),
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
        flags: {
          name: text("Name of the migration, such as add_due_date", "name"),
          safe: flag(
            "Write what is dangerous in it anew, the safe way, as ds db migrate --plan --fix does",
          ),
          target,
          yes,
        },
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
          all: flag("Show long lists to their end"),
          init: flag("Write a first proposal of the rules into ds.config.ts"),
          tenant: text(
            "With --init: the table of the organizations, where it is not found",
            "table",
          ),
          explain: text(
            "Say which rule decides on a table or column, and why; copy nothing",
            "path",
          ),
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
        description: [
          "Brings back what the branch held before its last reset, restore, migrate or undo, before an agent's run, or",
          "before a statement of an agent that destroyed something.",
          "With --to-before-destruction the branch's log decides: the moment before the last drop, truncate, or delete or",
          "update of all rows, whatever it was done with. It is shown, with what was written since, before anything is done.",
          "The state until now is kept as a recovery point; ds db undo brings it back.",
        ].join("\n"),
        flags: {
          target,
          toBeforeDestruction: flag("Go back to just before something was destroyed in the branch"),
          transaction: text("Which one: number of the transaction; default: the last", "number"),
          list: flag("Show what was destroyed, and change nothing"),
          yes,
        },
        load: () => import("../commands/db/undo.ts"),
      }),
      seed: command(run, {
        brief: "Load data into your branch with the project's seed command",
        flags: { target, size: text("Value of {size} in the seed command", "size") },
        load: () => import("../commands/db/seed.ts"),
      }),
      connect: command(run, {
        brief:
          "Open psql on the branch (without psql: a small SQL prompt); what follows -- goes to psql",
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
}
