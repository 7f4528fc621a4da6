import { buildRouteMap } from "@stricli/core";
import { command, flag, type Runner, text, yes } from "./command.ts";

const agentArgument = {
  brief: "agents-md, claude, codex or cursor",
  placeholder: "agent",
  parse: String,
};
const changeFlags = { dryRun: flag("Only show what would be written"), yes };

/** `ds agent …` */
export function agentRoutes(run: Runner) {
  return buildRouteMap({
    docs: { brief: "Coding agents: a branch for each run" },
    routes: {
      install: command(run, {
        brief: "Tell agents how to work with ds: AGENTS.md, CLAUDE.md, their MCP servers and hooks",
        description: [
          "agents-md, claude, codex, cursor; default: those that leave traces in the repository. What is to be written is shown before,",
          "between markers. Entries that are there already stay.",
        ].join("\n"),
        flags: changeFlags,
        args: { rest: agentArgument },
        load: () => import("../commands/agent/install.ts"),
      }),
      uninstall: command(run, {
        brief: "Take out again what ds agent install has written",
        flags: changeFlags,
        args: { rest: agentArgument },
        load: () => import("../commands/agent/uninstall.ts"),
      }),
      end: command(run, {
        brief:
          "Say that an agent's session is over: its branches to try things on end within the hour",
        description: [
          "Branches that the tool `branch` of ds mcp has made in this checkout, and that were given no time of their own, end in",
          "an hour instead of a day. The checkout's own branch stays. ds agent install has Claude Code call it.",
        ].join("\n"),
        flags: {},
        load: () => import("../commands/agent/end.ts"),
      }),
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
