import { type MigrationTool, migrationsLine } from "./migration-tools.ts";

export interface Known {
  project: string;
  migrations: string | undefined;
  /** What of the ledger's name is to be written down. */
  ledger: { schema?: string; table?: string };
  /** Another tool, whose migrations they are. */
  tool?: MigrationTool | undefined;
}

/** The text that `ds init` writes: what is needed, and everything else as a comment. */
export function configTemplate(known: Known): string {
  const quoted = (text: string) => JSON.stringify(text);
  const folder = known.migrations ?? "drizzle";
  const ledger = Object.entries(known.ledger)
    .map(([part, name]) => `    ${part}: ${quoted(name)},\n`)
    .join("");
  const drizzle = `  // Where Drizzle writes its migrations.
  migrations: {
    folder: ${quoted(folder)},
${ledger}    // A migration older than the newest applied one, on a shared stage or in CI: "fail" or "apply".
    // late: "fail",
  },`;
  return `import { defineConfig } from "@devstride/ds";

// Credentials and API hosts never belong here: NEON_API_KEY and NEON_API_HOST come from the environment.
export default defineConfig({
  // The project that holds main and every developer's branch.
  project: ${quoted(known.project)},

  // Shared stages: nothing destructive runs against them.
  stages: {
    dev: {},
    // prod: { project: ${quoted(`${known.project}-prod`)} },
  },

${known.tool === undefined ? drizzle : toolLines(known.tool)}

  // \`ds setup\` writes the connection string there.
  envFile: { path: ".env", url: "DATABASE_URL", unpooledUrl: "DATABASE_URL_UNPOOLED" },

  // Extensions of Postgres that the local engine is to have besides its own.
  // extensions: ["vector"],

  // Loads staging data into the new main branch, once; the connection string is in its environment.
  // seed: { command: "npm run seed" },

  // After \`ds git install\`: "branch" gives each git branch a database branch of its own.
  // git: { follow: "worktree" },

  // What \`ds local run\` starts; the connection string is in their environment only.
  // processes: {
  //   backend: { command: "npm run dev", port: 3000 },
  // },
});
`;
}

function toolLines(tool: MigrationTool): string {
  const { command, name, example } = tool;
  const why =
    command === undefined
      ? `  // ${name}'s migrations: name the command that applies them; the branch's URL is in its environment, as DATABASE_URL.
  // migrations: { command: ${JSON.stringify(example?.command ?? "…")} },${example ? `\n  // It needs, ${example.needs}.` : ""}`
      : `  // ds runs this command of ${name}'s; the branch's URL is in its environment, under the names of envFile.`;
  return `${why}\n  ${migrationsLine(tool)},`;
}
