import type { JsonEntry } from "./json-entry.ts";
import { type Comments, markdown, toml } from "./section.ts";

export const agentNames = ["agents-md", "claude", "codex", "cursor"] as const;
export type AgentName = (typeof agentNames)[number];

/** What is written for an agent into one file of the repository. */
export type AgentFile = { path: string } & (
  | { kind: "section"; body: string; comments: Comments; refuseIf?: RegExp }
  | { kind: "entries"; entries: readonly JsonEntry[] }
  | { kind: "whole"; text: string }
);

/** What tells that an agent is used in a repository. */
export const traces: Readonly<Record<AgentName, readonly string[]>> = {
  "agents-md": ["AGENTS.md"],
  claude: ["CLAUDE.md", ".claude", ".mcp.json"],
  codex: [".codex"],
  cursor: [".cursor"],
};

/** How `ds` is called in the repository: its program, and what comes before the command. */
export type DsCommand = readonly [program: string, ...args: string[]];

export function agentFiles(agent: AgentName, ds: DsCommand): AgentFile[] {
  const [program, ...before] = ds;
  const server = { command: program, args: [...before, "mcp"] };
  const section = (path: string): AgentFile => ({
    path,
    kind: "section",
    body: guide(ds),
    comments: markdown,
  });
  const mcp = (path: string): AgentFile => ({
    path,
    kind: "entries",
    entries: [{ parent: "mcpServers", key: "ds", value: server }],
  });
  switch (agent) {
    case "agents-md":
      return [section("AGENTS.md")];
    case "claude":
      return [section("CLAUDE.md"), mcp(".mcp.json"), claudeHooks(ds)];
    case "codex":
      return [
        section("AGENTS.md"),
        {
          path: ".codex/config.toml",
          kind: "section",
          body: `[mcp_servers.ds]\ncommand = ${JSON.stringify(program)}\nargs = ${JSON.stringify(server.args)}\n`,
          comments: toml,
          refuseIf: /^\s*\[\s*mcp_servers\s*\.\s*"?ds"?\s*\]/m,
        },
      ];
    case "cursor":
      return [
        {
          path: ".cursor/rules/ds.mdc",
          kind: "whole",
          text: `---\ndescription: The database of this checkout\nalwaysApply: true\n---\n\n${guide(ds)}`,
        },
        mcp(".cursor/mcp.json"),
      ];
  }
}

/** At the beginning of a session the checkout has its branch; at its end branches to try things on get an early end. */
function claudeHooks(ds: DsCommand): AgentFile {
  const hook = (key: string, ...words: string[]): JsonEntry => ({
    parent: "hooks",
    key,
    value: [{ hooks: [{ type: "command", command: [...ds, ...words].join(" ") }] }],
  });
  return {
    path: ".claude/settings.json",
    kind: "entries",
    entries: [hook("SessionStart", "setup"), hook("SessionEnd", "agent", "end")],
  };
}

const guide = (ds: DsCommand): string => {
  const call = ds.join(" ");
  return `## Database

This checkout has a Postgres branch of its own, which \`ds\` looks after. It is yours to change; main, shared stages and
production are not, and \`ds\` refuses to change them.

- \`${call} setup\` makes the checkout ready: branch, env file, migrations. \`DATABASE_URL\` in the env file leads to the branch.
- \`${call} db status\` shows the branch, and which migrations are pending; \`${call} db migrate\` applies them (\`--plan\` only shows them).
- \`${call} db undo\` brings back the state before the last reset, restore or migrate; with \`--to-before-destruction\` the one before
  anything was dropped, truncated or wholly deleted, by any program. \`${call} db reset --yes\` makes it equal to main.
- \`${call} agent exec -- <command>\` runs a command on a branch of its own, and shows how it changed the schema.
- The MCP server \`ds\` (\`${call} mcp\`) has the same as tools. Before a destructive statement its \`sql\` notes the moment, so that
  \`undo\` goes back to it.
- Never write a connection string into a file that git has. Every command has \`--help\` and \`--json\`.
`;
};
