import { buildApplication, buildRouteMap, text_en } from "@stricli/core";
import type { AppContext } from "../app-context.ts";
import { agentRoutes } from "./agent.ts";
import { command, flag, type Runner, text } from "./command.ts";
import { dbRoutes } from "./db.ts";
import { deployRoutes } from "./deploy.ts";
import { engineRoutes } from "./engine.ts";
import { gitRoutes } from "./git.ts";
import { localRoutes } from "./local.ts";

/**
 * The root map: names, flags and help, with a map for each noun in a file of its own. A command's own code is
 * loaded when it is about to run.
 */
export function buildApp(version: string, run: Runner) {
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
            project: text("Id of the project to work with, where its name is not enough", "id"),
            from: text(
              "Branch that yours forks from the first time; default: main",
              "branch",
              "branches",
            ),
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
          flags: {
            repair: flag(
              "Mend a home on which the engine does not start, from the data that is there",
            ),
            yes: flag("Do not ask before the repair"),
          },
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
        mcp: command(run, {
          brief: "Serve agents: the Model Context Protocol on stdin and stdout",
          description: [
            "For a client's configuration: the command `ds`, the argument `mcp`, started in the checkout.",
            "Its tools work with this checkout's branch; main and shared stages can be read, production cannot.",
          ].join("\n"),
          flags: {},
          load: () => import("../commands/mcp.ts"),
        }),
        schema: command(run, {
          brief: "Print the JSON Schema of what a command prints with --json",
          description: [
            "Without a command it lists those that have one; `ds schema error` is what each prints where it fails.",
            "A later version may add properties, and takes none away.",
          ].join("\n"),
          args: {
            rest: { brief: "The command, such as db status", placeholder: "word", parse: String },
          },
          flags: {},
          load: () => import("../commands/schema.ts"),
        }),
        agent: agentRoutes(run),
        db: dbRoutes(run),
        deploy: deployRoutes(run),
        git: gitRoutes(run),
        local: localRoutes(run),
        engine: engineRoutes(run),
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
