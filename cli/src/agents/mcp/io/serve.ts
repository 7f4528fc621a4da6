import { once } from "node:events";
import type { ServerContext } from "@modelcontextprotocol/server";
import { DsError } from "../../../errors/ds-error.ts";
import { toDsError } from "../../../errors/to-ds-error.ts";
import { type Answer, toolFailure, toolResult } from "../answer.ts";
import { instructions, type ToolName, tools } from "../tools.ts";
import { type Call, callTool } from "./call-tool.ts";
import type { McpContext } from "./services.ts";

/** How long calls that are cut off by the client's end may take to end what they have begun. */
const graceMs = 10_000;

/** Serves the Model Context Protocol on stdin and stdout until the client goes. */
export async function serveMcp(context: McpContext): Promise<void> {
  const [{ McpServer }, { serveStdio }] = await Promise.all([
    import("@modelcontextprotocol/server"),
    import("@modelcontextprotocol/server/stdio"),
  ]);
  const over = new AbortController();
  const running = new Set<Promise<unknown>>();
  const run = (call: Call, cancelled: AbortSignal) => {
    const result = answerTo(context, call, AbortSignal.any([cancelled, over.signal]));
    running.add(result);
    void result.finally(() => running.delete(result));
    return result;
  };
  const handle = serveStdio(
    () => {
      const server = new McpServer(
        { name: "ds", version: context.version },
        { instructions, capabilities: { tools: {} } },
      );
      for (const [tool, { description, input, readOnly }] of Object.entries(tools)) {
        server.registerTool(
          tool,
          { description, inputSchema: input, annotations: { readOnlyHint: readOnly } },
          (given: unknown, { mcpReq }: ServerContext) =>
            run({ tool: tool as ToolName, input: given } as Call, mcpReq.signal),
        );
      }
      return server;
    },
    { onerror: (error) => context.output.detail(error.message) },
  );
  const { input } = context.terminal;
  const ended = ["end", "close", "error"].map((event) => once(input, event).catch(() => {}));
  await Promise.race([...ended, aborted(context.signal)]);
  over.abort(new DsError("INTERRUPTED", "the client is gone"));
  await Promise.race([Promise.allSettled([...running]), pause(graceMs)]);
  await handle.close().catch(() => {});
}

/** One call: its failures are answers, too. */
async function answerTo(context: McpContext, call: Call, signal: AbortSignal) {
  const secrets: string[] = [];
  const hide = (secret: string) => {
    if (secret !== "") secrets.push(secret);
  };
  try {
    const answer: Answer = await callTool(context.withSignal(signal), call, hide);
    return toolResult(answer, secrets);
  } catch (error) {
    return toolFailure(toDsError(error), secrets);
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms).unref());
