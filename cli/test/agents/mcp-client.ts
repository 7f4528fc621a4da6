import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { DsProject } from "../helpers/ds-project.ts";

export const dsProgram = fileURLToPath(new URL("../../bin/ds.js", import.meta.url));

/** An answer as a client sees it. */
interface Answered {
  // biome-ignore lint/suspicious/noExplicitAny: each tool's document has fields of its own
  document: Record<string, any>;
  text: string;
  failed: boolean;
}

/** The official client, on `ds mcp` in a project. */
export class McpSession {
  readonly client: Client;
  readonly transport: StdioClientTransport;

  private constructor(project: DsProject, env: Record<string, string>) {
    this.client = new Client({ name: "test", version: "1" });
    this.transport = new StdioClientTransport({
      command: process.execPath,
      args: [dsProgram, "mcp"],
      cwd: project.path,
      env: { PATH: process.env.PATH ?? "", DS_HOME: project.home, HOME: project.folder, ...env },
      stderr: "ignore",
    });
  }

  static async open(project: DsProject, env: Record<string, string> = {}): Promise<McpSession> {
    const session = new McpSession(project, env);
    await session.client.connect(session.transport);
    return session;
  }

  get pid(): number {
    return this.transport.pid ?? 0;
  }

  async call(
    name: string,
    args: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): Promise<Answered> {
    const options = { timeout: 120_000, ...(signal ? { signal } : {}) };
    const result = await this.client.callTool({ name, arguments: args }, options);
    const content = result.content as { text: string }[];
    return {
      document: result.structuredContent as Answered["document"],
      text: content.map(({ text }) => text).join("\n"),
      failed: result.isError === true,
    };
  }

  sql(sql: string, more: Record<string, unknown> = {}): Promise<Answered> {
    return this.call("sql", { sql, ...more });
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
